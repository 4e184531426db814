// What part of pictures is seen, and how large: one view moves one picture, or several in step.
const LARGEST = 8;
const SMALL = 2;

/** A view on the `.picture` of each stage. Scale 1 is all of it; x and y are parts of its own size. */
export class View {
  constructor(stages) {
    this.stages = stages;
    this.pictures = stages.map((stage) => stage.querySelector(".picture"));
    this.reset();
  }

  get isFit() {
    return this.scale <= 1.001;
  }

  /** The scale at which a pixel of the first picture is a pixel of the page. */
  get full() {
    const [picture] = this.pictures;
    const full = picture.naturalWidth / picture.offsetWidth;
    return full > 1.05 ? full : SMALL;
  }

  reset() {
    this.scale = 1;
    this.x = this.y = 0;
    this.show();
  }

  /** Go between all of the picture and its own size, at a point of a stage. */
  toggle(point) {
    if (this.isFit) this.zoom(this.full, point);
    else this.reset();
  }

  /** Make it larger by a factor; what lies at the point stays there. */
  zoom(factor, { x, y } = { x: 0, y: 0 }) {
    const scale = Math.min(Math.max(this.scale * factor, 1), Math.max(LARGEST, this.full * 2));
    this.x = x - ((x - this.x) / this.scale) * scale;
    this.y = y - ((y - this.y) / this.scale) * scale;
    this.scale = scale;
    this.show();
  }

  /** Move it by parts of its size. */
  pan(x, y) {
    this.x += x;
    this.y += y;
    this.show();
  }

  /** Return a place on the screen as parts of a picture's size, from its middle. */
  point(stage, clientX, clientY) {
    const picture = this.pictures[this.stages.indexOf(stage)];
    const frame = stage.getBoundingClientRect();
    return {
      x: (clientX - frame.left - picture.offsetLeft) / picture.offsetWidth - 0.5,
      y: (clientY - frame.top - picture.offsetTop) / picture.offsetHeight - 0.5,
    };
  }

  show() {
    const most = (this.scale - 1) / 2;
    this.x = Math.min(most, Math.max(-most, this.x));
    this.y = Math.min(most, Math.max(-most, this.y));
    for (const [index, picture] of this.pictures.entries()) {
      picture.style.transform = this.isFit ? "" : `translate(${this.x * 100}%, ${this.y * 100}%) scale(${this.scale})`;
      this.stages[index].classList.toggle("zoomed", !this.isFit);
    }
    this.stages[0].dispatchEvent(new CustomEvent("view", { bubbles: true, detail: this }));
  }
}
