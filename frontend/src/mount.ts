/** Runs `start` once for every element that asks for the island of this name, now and later. */
export function mount(name: string, start: (element: HTMLElement) => void): void {
  const begun = new WeakSet<HTMLElement>();
  const look = () => {
    for (const element of document.querySelectorAll<HTMLElement>(`[data-island~="${name}"]`)) {
      if (!begun.has(element)) {
        begun.add(element);
        start(element);
      }
    }
  };
  look();
  // htmx and islands swap parts of pages; what they bring in wants to be mounted too.
  document.addEventListener("htmx:load", look);
  document.addEventListener("island:swapped", look);
}
