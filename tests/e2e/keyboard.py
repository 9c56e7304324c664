"""A walk around a page with Tab alone: what it does not reach, and where the focus stands unseen."""

from typing import Any

from playwright.async_api import Page

# Numbers everything that a mouse could use, and says what each is. Of radio buttons Tab finds one of a group; what a
# closed disclosure hides is not there; Plotly's figures are pictures, of which the tables say the same.
_NUMBER = """() => {
  const kinds = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex="0"]';
  const all = [...document.querySelectorAll(kinds)];
  const groups = new Set();
  const usable = all.filter((one) => {
    if (one.disabled || one.type === 'hidden' || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== 'radio') return true;
    const first = !groups.has(one.name);
    groups.add(one.name);
    return first;
  });
  usable.forEach((one, number) => { one.dataset.walk = one.type === 'radio' ? `radio ${one.name}` : String(number); });
  document.querySelectorAll('input[type=radio]').forEach((one) => { one.dataset.walk = `radio ${one.name}`; });
  return Object.fromEntries(usable.map((one) => [one.dataset.walk, one.outerHTML.slice(0, 120)]));
}"""
# Writes down where the focus came, and whether it was seen there.
_WATCH = """() => {
  window.walk = { reached: new Set([document.activeElement.dataset.walk]), unseen: [] };
  document.addEventListener('focusin', ({ target: one }) => {
    const lines = [getComputedStyle(one), getComputedStyle(one, '::after')];
    const seen = lines.some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none');
    if (!seen && one.tagName !== 'VIDEO') window.walk.unseen.push(one.outerHTML.slice(0, 120));
    window.walk.reached.add(one.dataset.walk);
  });
}"""
_WALKED = "() => ({ reached: [...window.walk.reached], unseen: window.walk.unseen })"
# Steps of their own, which the page does not see: Chromium's controls of a <video>, the parts of a date.
_OWN_STEPS = {"video": 40, "input[type^=date]": 8}


async def walked(page: Page) -> tuple[list[str], list[str]]:
    """What Tab did not reach on its way around the page, and where it stood unseen."""
    wanted: dict[str, str] = await page.evaluate(_NUMBER)
    await page.evaluate(_WATCH)
    own = sum([steps * await page.locator(kind).count() for kind, steps in _OWN_STEPS.items()])
    for _step in range(len(wanted) + own):
        await page.keyboard.press("Tab")
    walk: dict[str, Any] = await page.evaluate(_WALKED)
    return [html for number, html in wanted.items() if number not in walk["reached"]], walk["unseen"]
