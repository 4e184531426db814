// Mouse, wheel and fingers on pictures: zoom at the pointer, drag, pinch, and swipe at full view.
const CLICK = 6; // pixels that a hand trembles
const SWIPE = 60;
const AGAIN = 300; // milliseconds between two taps

/** Let a view follow the pointer on its stages; `swipe(1 or -1)` hears of a finger's way sideways. */
export function follow(view, swipe = () => {}) {
  for (const stage of view.stages) {
    wheel(view, stage);
    pointers(view, stage, swipe);
  }
}

function wheel(view, stage) {
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && view.isFit && (event.deltaY >= 0 || canScrollUp(stage))) return;
    event.preventDefault();
    const point = view.point(stage, event.clientX, event.clientY);
    view.zoom(Math.exp(-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 100) / 300), point);
  }, { passive: false });
}

function canScrollUp(element) {
  for (let each = element; each; each = each.parentElement) if (each.scrollTop > 0) return true;
  return false;
}

function pointers(view, stage, swipe) {
  const held = new Map();
  let start = null;
  let tapped = 0;

  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("a,button")) return;
    held.set(event.pointerId, event);
    start = held.size === 1 ? { x: event.clientX, y: event.clientY, moved: false } : { ...start, moved: true };
    stage.classList.add("held");
  });

  stage.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > CLICK) start.moved = true;
    if (held.size === 2) pinch(view, stage, held, event);
    else if (!view.isFit && start.moved) {
      // Only now, so that a click still comes.
      stage.setPointerCapture(event.pointerId);
      drag(view, stage, before, event);
    }
    held.set(event.pointerId, event);
  });

  const end = (event) => {
    if (!held.delete(event.pointerId)) return;
    if (!held.size) stage.classList.remove("held");
    if (event.type === "pointercancel" || held.size) return;
    const across = event.clientX - start.x;
    const down = event.clientY - start.y;
    const isTouch = event.pointerType === "touch";
    if (start.moved) {
      const isSwipe = isTouch && view.isFit && Math.abs(across) > Math.max(SWIPE, 1.5 * Math.abs(down));
      if (isSwipe) swipe(across < 0 ? 1 : -1);
      return;
    }
    // A mouse clicks once, or twice, which is the same; a finger must tap twice.
    const isSecond = event.timeStamp - tapped < AGAIN;
    tapped = isSecond ? 0 : event.timeStamp;
    if (isTouch === isSecond) view.toggle(view.point(stage, event.clientX, event.clientY));
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
}

function drag(view, stage, before, event) {
  const from = view.point(stage, before.clientX, before.clientY);
  const to = view.point(stage, event.clientX, event.clientY);
  view.pan(to.x - from.x, to.y - from.y);
}

function pinch(view, stage, held, event) {
  const [other] = [...held.values()].filter((each) => each.pointerId !== event.pointerId);
  const before = held.get(event.pointerId);
  const middle = (one) => view.point(stage, (one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2);
  const apart = (one) => Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));
  const [from, to] = [middle(before), middle(event)];
  view.pan(to.x - from.x, to.y - from.y);
  view.zoom(apart(event) / apart(before), to);
}
