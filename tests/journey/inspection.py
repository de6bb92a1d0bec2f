"""What can be wrong with a page for somebody's eyes, fingers or settings, whatever the page is.

Each inspection gives sentences about faults, an empty list where there are none. The visitor needs
a context with `bypass_csp`, since axe and the reader's own spacing come in as scripts and styles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.journey.visitor import Visitor

NARROW, PHONE, WIDE = (320, 640), (360, 740), (1280, 900)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# In the dark only colours differ, so only they are looked at twice.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
# WCAG 1.4.12: what a reader may set, and nothing may be lost by it.
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
    " word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }"
)
CLIPPED = """() => [...document.querySelectorAll('body *')].filter(element => {
  const style = getComputedStyle(element);
  if (element.closest('svg, .visually-hidden') || !element.innerText?.trim()) return false;
  const cuts = side => ['hidden', 'clip'].includes(style['overflow' + side]);
  return (cuts('Y') && element.scrollHeight > element.clientHeight + 2)
      || (cuts('X') && element.scrollWidth > element.clientWidth + 2);
}).map(element => element.outerHTML.slice(0, 160))"""
SIDEWAYS = "() => [document.scrollingElement.scrollWidth, innerWidth]"
MOVING = "() => document.getAnimations().filter(one => one.playState === 'running').length"
# An edge, an underline or a system colour of its own tells a button from the page.
BARE_BUTTONS = """() => [...document.querySelectorAll('main button, main a.button')]
  .filter(one => one.checkVisibility()).filter(one => {
    const style = getComputedStyle(one), page = getComputedStyle(document.body);
    return parseFloat(style.borderTopWidth) < 1 && !style.textDecorationLine.includes('underline')
        && style.backgroundColor === page.backgroundColor && style.color === page.color;
  }).map(one => one.outerHTML.slice(0, 120))"""
ALIKE_BARS = """() => [...document.querySelectorAll('svg.bar')].filter(bar => {
  const fills = [...bar.querySelectorAll('.agree, .unsure, .disagree')]
    .filter(piece => piece.getAttribute('width') !== '0')
    .map(piece => getComputedStyle(piece).fill);
  return fills.length > 1 && new Set(fills).size < fills.length;
}).length"""

# WCAG 2.5.8: a link in a sentence is as tall as its line, and a small target may stand alone.
SMALL = """() => {
  const all = [...document.querySelectorAll(
      'a[href], button, input:not([type=hidden]), select, textarea, summary'
    )].filter(one => one.checkVisibility({visibilityProperty: true})
      && !one.closest('.visually-hidden, [aria-hidden=true], .skip') && one.tabIndex >= 0)
    .map(one => {
      const boxes = [one, ...(one.matches('[type=radio], [type=checkbox]') ? one.labels : [])]
        .map(each => each.getBoundingClientRect());
      const left = Math.min(...boxes.map(b => b.left)), top = Math.min(...boxes.map(b => b.top));
      const right = Math.max(...boxes.map(b => b.right));
      const bottom = Math.max(...boxes.map(b => b.bottom));
      return {one, left, top, right, bottom};
    });
  const small = box => box.right - box.left < 23.5 || box.bottom - box.top < 23.5;
  const inSentence = ({one}) => one.matches('a') && getComputedStyle(one).display === 'inline'
    && one.parentElement.innerText.trim() !== one.innerText.trim();
  const middle = box => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const crowded = box => all.some(other => {
    if (other.one === box.one || other.one.contains(box.one) || box.one.contains(other.one))
      return false;
    const [x, y] = middle(box), [u, v] = middle(other);
    if (small(other)) return Math.hypot(x - u, y - v) < 24;
    const dx = Math.max(other.left - x, 0, x - other.right);
    return Math.hypot(dx, Math.max(other.top - y, 0, y - other.bottom)) < 12;
  });
  return all.filter(box => small(box) && !inSentence(box) && crowded(box))
    .map(({one}) => one.outerHTML.slice(0, 160));
}"""


def axe(visitor: Visitor, options: dict[str, Any]) -> list[str]:
    """Each rule of axe that the page breaks, with the first place."""
    found = Axe().run(visitor.page, options=options).response["violations"]
    return [f"{v['id']}: {v['help']}; {v['nodes'][0]['html'][:200]}" for v in found]


def resize(visitor: Visitor, size: tuple[int, int]) -> None:
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})


def barriers(visitor: Visitor) -> list[str]:
    """What axe says in light, and of colours in the dark."""
    page = visitor.page
    resize(visitor, WIDE)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults = axe(visitor, RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    faults += [f"dark: {fault}" for fault in axe(visitor, COLOURS)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return faults


def width(visitor: Visitor) -> list[str]:
    """On a small phone, which is what 400 % zoom makes of a desk, nobody scrolls sideways."""
    resize(visitor, NARROW)
    page, window = visitor.page.evaluate(SIDEWAYS)
    return [f"scrolls sideways: {page} in {window}"] if page > window else []


def targets(visitor: Visitor) -> list[str]:
    """A finger on a phone hits what it means: 24 by 24 pixels at least, or room around."""
    resize(visitor, PHONE)
    return [f"too small to be hit: {html}" for html in visitor.page.evaluate(SMALL)]


def spacing(visitor: Visitor) -> list[str]:
    """With the reader's own spacing of letters, words and lines, nothing is cut off."""
    resize(visitor, PHONE)
    before = set(visitor.page.evaluate(CLIPPED))
    style = visitor.page.add_style_tag(content=SPACING)
    faults = [f"cut off: {html}" for html in visitor.page.evaluate(CLIPPED) if html not in before]
    page, window = visitor.page.evaluate(SIDEWAYS)
    if page > window:
        faults.append(f"scrolls sideways when spaced out: {page} in {window}")
    style.evaluate("style => style.remove()")
    return faults


def motion(visitor: Visitor) -> list[str]:
    """Whoever asked for less motion sees none."""
    visitor.page.emulate_media(reduced_motion="reduce")
    running = visitor.page.evaluate(MOVING)
    return [f"{running} animations run"] if running else []


def forced_colours(visitor: Visitor) -> list[str]:
    """In a high-contrast mode buttons are still buttons, and bars still have their parts."""
    visitor.page.emulate_media(forced_colors="active")
    faults = [
        f"no longer looks like a button: {one}" for one in visitor.page.evaluate(BARE_BUTTONS)
    ]
    alike = visitor.page.evaluate(ALIKE_BARS)
    visitor.page.emulate_media(forced_colors="none")
    return faults + ([f"{alike} bars whose parts look alike"] if alike else [])


EVERYTHING: tuple[Callable[[Visitor], list[str]], ...] = (
    barriers,
    width,
    targets,
    spacing,
    motion,
    forced_colours,
)


def inspect(visitor: Visitor) -> list[str]:
    """Everything wrong with the page that the visitor sees."""
    return [f"{visitor.path}: {fault}" for look in EVERYTHING for fault in look(visitor)]
