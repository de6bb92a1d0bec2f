/** Keys for the queue of moderation: j and k move, s shows, h opens the form that hides, u undoes.
 *
 * They are off until the moderator switches them on, and this browser remembers it. */
import { mount } from "../mount";

const KEPT = "moderation-keys";

function remembered(): boolean {
  try {
    return localStorage.getItem(KEPT) === "on";
  } catch {
    return false; // a browser that keeps nothing
  }
}

function remember(on: boolean): void {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // The switch works all the same, until the page is left.
  }
}

mount("moderate", (queue) => {
  const cards = [...queue.querySelectorAll<HTMLElement>(".ruling-card")];
  const about = queue.querySelector<HTMLElement>("[data-keys]");
  const box = queue.querySelector<HTMLInputElement>("[data-keys-on]");
  if (!about || !box) return;
  about.hidden = false;
  box.checked = remembered();
  box.addEventListener("change", () => remember(box.checked));

  const here = () => cards.findIndex((card) => card.contains(document.activeElement));
  const go = (place: number) => cards[Math.max(0, Math.min(cards.length - 1, place))]?.focus();
  const press = (act: string) => {
    const card = cards[Math.max(0, here())];
    card?.querySelector<HTMLElement>(`[data-act="${act}"]`)?.click();
    return card;
  };
  const hide = () => {
    const confirm = cards[Math.max(0, here())]?.querySelector<HTMLElement>('[data-act="confirm"]');
    if (confirm) return confirm.focus(); // Agreeing is a decision of its own: Enter does it.
    press("hide")?.querySelector<HTMLElement>("details.hide[open] select, details.hide select")?.focus();
  };
  const acts: Record<string, () => void> = {
    j: () => go(here() + 1),
    k: () => go(here() - 1),
    s: () => press("show"),
    h: hide,
    u: () => document.querySelector<HTMLElement>('[data-act="undo"]')?.click(),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const typing = target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
    if (!box.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  if (box.checked && !document.querySelector(".error-summary")) cards[0]?.focus({ preventScroll: true });
});
