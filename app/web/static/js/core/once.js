// What a page tells once is not to be told again by its address, reloaded or sent to somebody.
const url = new URL(location.href);
const ONCE = ["told", "undo"];
if (ONCE.some((name) => url.searchParams.has(name))) {
  for (const name of ONCE) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}
