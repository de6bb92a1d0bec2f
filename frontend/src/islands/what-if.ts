// Sliders beside the number fields of the what-if form: what follows stands there as they move.
import { mount } from "../mount";

const PAUSE = 180; // milliseconds without a movement before asking

mount("what-if", (root) => {
  const form = root.querySelector("form");
  const follows = root.querySelector<HTMLElement>("[data-follows]");
  const announce = root.querySelector<HTMLElement>("[data-announce]");
  if (!form || !follows || !announce) return;
  let timer = 0;
  let asked: AbortController | null = null;

  for (const range of root.querySelectorAll<HTMLInputElement>("input[type=range][data-for]")) {
    const number = document.getElementById(range.dataset.for ?? "") as HTMLInputElement | null;
    if (!number) continue;
    range.hidden = false;
    range.addEventListener("input", () => {
      number.value = range.value;
      told(number, range);
      later();
    });
    number.addEventListener("input", () => {
      if (number.value === "") return;
      range.value = number.value;
      told(number, range);
      later();
    });
    told(number, range);
  }

  function told(number: HTMLInputElement, range: HTMLInputElement): void {
    const changed = number.value !== number.dataset.usual;
    number.closest(".slider")?.classList.toggle("is-changed", changed);
    range.setAttribute("aria-valuetext", number.dataset.unit ? `${number.value} %` : number.value);
  }

  function later(): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  }

  /** The address of what the form says, with changed rules only. */
  function address(): URL {
    const url = new URL(form!.action);
    for (const field of form!.querySelectorAll<HTMLInputElement>("input[name]")) {
      if (field.type === "hidden" || field.value !== field.dataset.usual) {
        url.searchParams.set(field.name, field.value);
      }
    }
    return url;
  }

  async function ask(): Promise<void> {
    asked?.abort();
    const mine = (asked = new AbortController());
    const url = address();
    const part = new URL(url);
    part.searchParams.set("part", "1");
    follows!.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(part, { signal: mine.signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      follows!.innerHTML = await answer.text();
      history.replaceState(null, "", url);
      announce!.textContent = follows!.querySelector("[data-told] p")?.textContent ?? "";
    } catch {
      if (mine.signal.aborted) return;
      announce!.textContent = root.dataset.failed ?? "";
      announce!.classList.remove("visually-hidden");
    }
    if (asked === mine) follows!.removeAttribute("aria-busy");
  }
});
