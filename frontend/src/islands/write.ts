/** Writing: counts characters as readers do, keeps the draft on this device, and asks which
 * sentences of others are close to it. On the receipt, the draft that was sent is forgotten.
 *
 * Everything here is extra: the form sends, keeps and throws away without it. */
import { mount } from "../mount";

interface Draft {
  text: string;
  token: string; // of the page it was written on: only the receipt of that page forgets it
  scenario?: string; // the situation it speaks to
  at: number;
}

const PAUSE = 900; // milliseconds without a key until others' sentences are asked for
const ENOUGH = 20; // characters that say something
const MORE = 60; // characters that have to be added after "none of these"

type Segmenter = { segment(text: string): Iterable<unknown> };
type SegmenterMaker = new (locale: undefined, options: { granularity: "grapheme" }) => Segmenter;

function segmenter(): Segmenter | null {
  const maker = (Intl as unknown as { Segmenter?: SegmenterMaker }).Segmenter;
  return maker ? new maker(undefined, { granularity: "grapheme" }) : null;
}

const graphemes = segmenter();

/** Characters as a reader counts them, as the server counts them: without white space around. */
function length(text: string): number {
  const trimmed = text.trim();
  if (!graphemes) return [...trimmed].length;
  let n = 0;
  for (const _ of graphemes.segment(trimmed)) n += 1;
  return n;
}

function read(key: string): Draft | null {
  try {
    const draft: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return draft && typeof draft === "object" && "text" in draft ? (draft as Draft) : null;
  } catch {
    return null; // a browser that keeps nothing, or something else under this name
  }
}

function write(key: string, draft: Draft | null): boolean {
  try {
    if (draft) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}

const shown = (n: number) => n.toLocaleString(document.documentElement.lang);

function count(form: HTMLElement, box: HTMLTextAreaElement): () => void {
  const place = form.querySelector<HTMLElement>("[data-count]");
  const limit = Number(form.dataset.limit);
  return () => {
    if (!place) return;
    const n = length(box.value);
    const over = n > limit;
    const words = over ? form.dataset.overText : form.dataset.countText;
    place.textContent = (words ?? "").replace("{n}", shown(over ? n - limit : n)).replace("{limit}", shown(limit));
    place.classList.toggle("over", over);
  };
}

function keepDraft(form: HTMLFormElement, box: HTMLTextAreaElement): () => void {
  const key = form.dataset.key ?? "draft";
  const token = form.dataset.token ?? "";
  const status = form.querySelector<HTMLElement>("[data-status]");
  const discard = form.querySelector<HTMLButtonElement>("[data-discard]");
  const say = (words: string | undefined) => {
    if (status && status.textContent !== words) status.textContent = words ?? "";
  };
  const chosen = () => form.querySelector<HTMLInputElement>("input[name=scenario]:checked")?.value ?? "";
  const draft = (): Draft => ({ text: box.value, token, scenario: chosen(), at: Date.now() });
  const keep = () => {
    const has = box.value.trim() !== "";
    const kept = write(key, has ? draft() : null);
    if (discard) discard.hidden = !has;
    say(has && kept ? form.dataset.keptText : "");
  };
  const found = read(key);
  const isNew = "new" in form.dataset;
  if (found && isNew && found.text !== box.value && found.at > Number(form.dataset.keptAt)) {
    box.value = found.text;
    const situations = form.querySelectorAll<HTMLInputElement>("input[name=scenario]");
    for (const one of situations) one.checked = one.value === (found.scenario ?? "");
    keep();
    say(form.dataset.restoredText);
  } else if (box.value.trim() !== "" && read(`${key}:sent`)?.token !== token) {
    write(key, draft());
    if (discard) discard.hidden = false;
  }
  form.addEventListener("change", (event) => {
    if ((event.target as HTMLInputElement).name === "scenario" && box.value.trim() !== "") keep();
  });
  discard?.addEventListener("click", () => write(key, null));
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    keep();
    say(form.dataset.offlineText);
  });
  return keep;
}

function offer(form: HTMLFormElement, box: HTMLTextAreaElement): () => void {
  const place = form.querySelector<HTMLElement>("[data-similar-list]");
  const said = form.querySelector<HTMLElement>("[data-similar-said]");
  const address = form.dataset.similar;
  let timer = 0;
  let asked = "";
  let quietUntil = 0;
  let asking: AbortController | null = null;

  const show = (html: string) => {
    if (!place || place.contains(document.activeElement)) return;
    place.innerHTML = html; // from this server, which escapes every word of it
    place.hidden = place.childElementCount === 0;
    if (said) said.textContent = place.querySelector("[data-said]")?.textContent ?? "";
  };
  const close = () => {
    box.focus();
    show("");
    quietUntil = box.value.length + MORE;
  };
  const ask = async () => {
    const text = box.value.trim();
    if (!address || text === asked || text.length < ENOUGH || box.value.length < quietUntil) return;
    asked = text;
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(address, { method: "POST", body: new FormData(form), signal: asking.signal, redirect: "error" });
      if (answer.status === 200) show(await answer.text());
    } catch {
      asked = ""; // offline, signed out or overtaken: the next pause asks again
    }
  };
  for (const button of form.querySelectorAll<HTMLElement>("[data-script]")) button.hidden = false;
  form.addEventListener("click", (event) => {
    const pressed = (event.target as HTMLElement).closest<HTMLElement>("button");
    if (!pressed) return;
    if ("dismiss" in pressed.dataset) close();
    if (pressed.dataset.amend !== undefined) {
      const start = box.value.trimEnd() === "" ? 0 : box.value.trimEnd().length + 1;
      box.value = `${box.value.trimEnd()}${start ? "\n" : ""}${pressed.dataset.amend}`;
      close();
      box.setSelectionRange(start, box.value.length);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), PAUSE);
  };
}

mount("write", (element) => {
  if (element.dataset.sent) {
    const draft = read(element.dataset.sent);
    const token = element.dataset.token ?? "";
    if (draft && draft.token === token) {
      write(element.dataset.sent, null);
      // The back button shows the page with its text again: that is no draft.
      write(`${element.dataset.sent}:sent`, { text: "", token, at: Date.now() });
    }
    return;
  }
  const box = element.querySelector("textarea");
  if (!(element instanceof HTMLFormElement) || !box) return;
  const acts = [count(element, box), keepDraft(element, box), offer(element, box)];
  acts[0]?.();
  acts[2]?.();
  box.addEventListener("input", () => acts.forEach((act) => act()));
});
