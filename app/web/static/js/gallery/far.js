// Takes pictures far from the reader out of the page, and puts them back as the reader nears: 10,000
// tiles would hold a gigabyte of the browser's memory.
import { $, $$ } from "../core/dom.js";

const NEAR = "2500px";
const MOST_TILES = 600;
const away = new Map();
const nearing = new IntersectionObserver(turn, { rootMargin: NEAR });
const tended = new WeakSet();

/** Tend all sections of the grid, those that came since too; forget those that went. */
export function tend(grid) {
  for (const section of $$(".day", grid)) {
    if (tended.has(section)) continue;
    tended.add(section);
    nearing.observe(section);
  }
  for (const section of away.keys()) if (!section.isConnected) away.delete(section);
}

/** Return all tiles of the grid in their order, those that were taken out of the page too. */
export function everyTile(grid) {
  return $$(".day", grid).flatMap((section) => $$(".tile", away.get(section) ?? section));
}

/** Put a tile back into the page, with those around it, where it was taken out. */
export function bringIn(tile) {
  for (const [section, tiles] of away) if (tiles.contains(tile)) bringBack(section);
}

function turn(entries) {
  const isLong = document.getElementsByClassName("tile").length > MOST_TILES || away.size > 0;
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    if (isIntersecting) bringBack(target);
    else if (isLong && boundingClientRect.height) takeOut(target, boundingClientRect.height);
  }
}

function takeOut(section, height) {
  const tiles = $(".tiles", section);
  if (!tiles || tiles.contains(document.activeElement) || $(".choose:checked", tiles)) return;
  section.style.setProperty("--height", `${height}px`);
  section.classList.add("far");
  away.set(section, tiles);
  tiles.remove();
  $$("img", tiles).forEach(letGo);
}

function bringBack(section) {
  const tiles = away.get(section);
  if (!tiles) return;
  away.delete(section);
  $$("img", tiles).forEach(takeUp);
  section.append(tiles);
  section.classList.remove("far");
}

/** Forget a picture's bytes: an element that names them keeps them, in the page or out of it. */
function letGo(img) {
  for (const name of ["srcset", "src"]) {
    if (!img.hasAttribute(name)) continue;
    img.dataset[name] = img.getAttribute(name);
    img.removeAttribute(name);
  }
}

/** Name them again; they are in the browser's cache. */
function takeUp(img) {
  for (const name of ["srcset", "src"]) {
    if (!(name in img.dataset)) continue;
    img.setAttribute(name, img.dataset[name]);
    delete img.dataset[name];
  }
}
