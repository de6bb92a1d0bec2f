/* Answers without a reload: the next sentence is swapped in and takes the focus. What cannot be
   sent is kept on this device and sent once there is a connection; the token of a sending makes
   sure that it counts once, however often it arrives. Single keys answer, and can be switched off. */

import { mount } from "../mount";

interface Sending {
  url: string;
  fields: [string, string][];
}

type Outcome =
  | { kind: "parts"; page: Document }
  | { kind: "elsewhere"; address: string }
  | { kind: "later" | "signed out" | "refused" };

const PATIENCE = 15_000; // milliseconds for one sending
const RETRY = [3_000, 6_000, 12_000, 30_000];
const KEYS = "concordance:keys";

mount("react", (root) => {
  const texts = root.dataset;
  const here = texts.here ?? location.pathname;
  const shelf = `concordance:answers:${texts.queue ?? ""}`;
  const notSaved = root.querySelector<HTMLElement>("[data-not-saved]");
  let waiting = load();
  let isBusy = false;
  let failures = 0;
  let timer = 0;

  function load(): Sending[] {
    try {
      return JSON.parse(localStorage.getItem(shelf) ?? "[]") as Sending[];
    } catch {
      return [];
    }
  }

  function keep(sendings: Sending[]): void {
    waiting = sendings;
    try {
      if (sendings.length) localStorage.setItem(shelf, JSON.stringify(sendings));
      else localStorage.removeItem(shelf);
    } catch {
      // No room, or not allowed to keep anything: it stays in this page's memory.
    }
  }

  function part(name: string, within: ParentNode = root): HTMLElement | null {
    return within.querySelector<HTMLElement>(`[data-part="${name}"]`);
  }

  // --- Sending

  function fieldsOf(form: HTMLFormElement, button: HTMLElement | null): [string, string][] {
    const data = new FormData(form);
    if (button instanceof HTMLButtonElement && button.name) data.set(button.name, button.value);
    const chosen = root.querySelector<HTMLSelectElement>("select[name=importance]")?.value;
    if (form.dataset.act === "answer" && chosen && !data.get("importance")) {
      data.set("importance", chosen);
    }
    data.delete("csrfmiddlewaretoken");
    return [...data].map(([name, value]) => [name, String(value)]);
  }

  async function post(sending: Sending): Promise<Outcome> {
    const body = new URLSearchParams(sending.fields);
    const token = root.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
    body.set("csrfmiddlewaretoken", token?.value ?? "");
    const patience = new AbortController();
    const alarm = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const headers = { "HX-Request": "true" };
      const answer = await fetch(sending.url, { method: "POST", body, headers, signal: patience.signal });
      const address = answer.headers.get("HX-Redirect");
      if (address) return { kind: "elsewhere", address };
      if (answer.status >= 500 || answer.status === 429) return { kind: "later" };
      // Signed out, or signed in anew in another tab, so that this page's token is of no use.
      if (answer.redirected || answer.status === 403) return { kind: "signed out" };
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return answer.ok && part("card", page) ? { kind: "parts", page } : { kind: "refused" };
    } catch {
      return { kind: "later" };
    } finally {
      clearTimeout(alarm);
    }
  }

  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.act) return;
    event.preventDefault();
    if (isBusy) return;
    const button = (event as SubmitEvent).submitter;
    const sending: Sending = { url: form.action, fields: fieldsOf(form, button) };
    if (form.dataset.act === "answer") {
      sending.fields.push(["token", newToken()]);
      keep([...waiting.filter((one) => one.url !== sending.url), sending]);
      press(button);
      void deliver(form);
    } else {
      void act(sending, form);
    }
  });

  /** Send what is kept, oldest first; `form` is the one that was just submitted. */
  async function deliver(form?: HTMLFormElement): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    clearTimeout(timer);
    const slow = setTimeout(() => say(texts.saving ?? ""), 700);
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const sent = next;
        const outcome = await post(sent);
        if (outcome.kind === "later") return waitForConnection();
        if (outcome.kind === "signed out" && form) return location.assign(here); // sent from there
        failures = 0;
        keep(waiting.filter((one) => one !== sent));
        if (outcome.kind === "elsewhere") return location.assign(outcome.address);
        if (outcome.kind === "parts") {
          warn("");
          swap(outcome.page, isShown(sent.url));
        } else if (form === undefined) {
          warn(texts.dropped ?? "");
        } else {
          return again(form, sent); // The browser tells better than we could what is wrong.
        }
      }
    } finally {
      clearTimeout(slow);
      isBusy = false;
    }
  }

  /** Undo, or importance: at once or not at all. */
  async function act(sending: Sending, form: HTMLFormElement): Promise<void> {
    isBusy = true;
    const outcome = await post(sending);
    isBusy = false;
    if (outcome.kind === "elsewhere") location.assign(outcome.address);
    else if (outcome.kind === "parts") swap(outcome.page, form.dataset.act === "undo");
    else again(form, sending);
  }

  /** Let the browser submit it, so that its answer is shown as a page. */
  function again(form: HTMLFormElement, sending: Sending): void {
    for (const [name, value] of sending.fields) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      if (!new FormData(form).has(name)) form.append(field);
    }
    form.submit();
  }

  function waitForConnection(): void {
    warn(texts.waiting ?? "");
    const pause = RETRY[Math.min(failures, RETRY.length - 1)] ?? 30_000;
    failures += 1;
    timer = window.setTimeout(() => void deliver(), pause);
  }

  window.addEventListener("online", () => void deliver());

  function isShown(url: string): boolean {
    const form = root.querySelector<HTMLFormElement>("form[data-act=answer]");
    return form === null || form.action === url;
  }

  // --- Showing

  function swap(page: Document, withCard: boolean): void {
    const said = part("said", page);
    const parts = withCard ? ["card", "after"] : ["after"];
    for (const name of parts) {
      const [old, fresh] = [part(name), part(name, page)];
      if (old && fresh) old.replaceChildren(...fresh.childNodes);
    }
    const card = part("card", page);
    if (withCard) {
      document.title = card?.dataset.title ?? document.title;
      history.replaceState(null, "", here + (card?.dataset.query ?? ""));
      bringIntoSight();
    } else {
      root.querySelector<HTMLElement>(".weigh [aria-pressed=true]")?.focus();
    }
    showKeys();
    document.dispatchEvent(new CustomEvent("island:swapped"));
    // After the focus has moved, so that the one does not cut the other short.
    requestAnimationFrame(() => part("said")?.replaceChildren(...(said?.childNodes ?? [])));
  }

  /** The sentence gets the focus; it and its answers are seen, and as much above as there is room. */
  function bringIntoSight(): void {
    const heading = part("card")?.querySelector<HTMLElement>("h1");
    heading?.focus({ preventScroll: true });
    const top = (heading?.getBoundingClientRect().top ?? 0) - 12;
    const answers = part("card")?.querySelector(".answers");
    const below = (answers?.getBoundingClientRect().bottom ?? 0) + 12 - innerHeight;
    scrollBy(0, Math.min(top, Math.max(below, 0)));
  }

  function say(text: string): void {
    part("said")?.replaceChildren(...(text ? [text] : []));
  }

  function warn(text: string): void {
    if (notSaved === null) return;
    if (text) say("");
    notSaved.textContent = text;
    notSaved.hidden = !text;
    if (text) notSaved.scrollIntoView({ block: "nearest" });
  }

  function press(button: HTMLElement | null): void {
    for (const one of root.querySelectorAll(".answers button[name=value]")) {
      one.setAttribute("aria-pressed", String(one === button));
    }
  }

  // --- Keys

  const panel = root.querySelector<HTMLElement>("[data-keys]");
  const toggle = root.querySelector<HTMLInputElement>("[data-keys-switch]");
  const hasKeyboard = matchMedia("(any-pointer: fine)").matches;

  function areKeysOn(): boolean {
    return hasKeyboard && toggle !== null && toggle.checked;
  }

  function showKeys(): void {
    const isOn = areKeysOn();
    for (const hint of root.querySelectorAll<HTMLElement>("[data-key-hint]")) hint.hidden = !isOn;
    for (const one of root.querySelectorAll<HTMLElement>("[data-key]")) {
      if (isOn) one.setAttribute("aria-keyshortcuts", one.dataset.key ?? "");
      else one.removeAttribute("aria-keyshortcuts");
    }
    root.querySelector<HTMLElement>("[data-keys-list]")?.toggleAttribute("hidden", !isOn);
  }

  if (panel && toggle && hasKeyboard) {
    panel.hidden = false;
    try {
      toggle.checked = localStorage.getItem(KEYS) !== "off";
    } catch {
      toggle.checked = true;
    }
    toggle.addEventListener("change", () => {
      try {
        localStorage.setItem(KEYS, toggle.checked ? "on" : "off");
      } catch {
        // The choice then holds for this page alone.
      }
      showKeys();
    });
  }
  showKeys();

  document.addEventListener("keydown", (event) => {
    if (!areKeysOn() || event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest("textarea, select, [contenteditable], input:not([type=checkbox])")) return;
    const digit = /^(?:Digit|Numpad)([0-4])$/.exec(event.code)?.[1];
    const key = digit ?? (event.code === "KeyU" || event.key.toLowerCase() === "u" ? "u" : "");
    const button = key ? root.querySelector<HTMLElement>(`[data-key="${key}"]`) : null;
    if (button === null) return;
    event.preventDefault();
    button.click();
  });

  // --- "It depends"

  root.addEventListener(
    "toggle",
    (event) => {
      const details = event.target;
      if (!(details instanceof HTMLDetailsElement) || !details.matches(".depends[open]")) return;
      details.querySelector("textarea")?.focus();
    },
    true, // the event does not bubble
  );

  root.addEventListener("input", (event) => {
    const box = event.target;
    const count = root.querySelector<HTMLElement>("[data-count]");
    if (!(box instanceof HTMLTextAreaElement) || count === null) return;
    const length = lengthOf(box.value.trim());
    const limit = Number(count.dataset.count);
    count.textContent = length ? `${length.toLocaleString()} / ${limit.toLocaleString()}` : "";
    count.classList.toggle("too-many", length > limit);
  });

  if (waiting.length) void deliver();
});

/** Characters as people count them, as the server does. */
function lengthOf(text: string): number {
  const Segmenter = (Intl as { Segmenter?: new () => { segment(text: string): Iterable<unknown> } })
    .Segmenter;
  return Segmenter ? [...new Segmenter().segment(text)].length : [...text].length;
}

function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
