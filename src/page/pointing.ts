import { byId, canvasById, make } from './dom.ts';
import { PLOT_BOTTOM } from './heatPicture.ts';
import { addressAt } from './layout.ts';
import type { AddressZoom } from './pageState.ts';
import type { TimeWindow } from './heatWindow.ts';
import type { Drawn } from './pictures.ts';
import type { PlotPoint } from './reading.ts';

export interface PointingOptions {
  /** Undefined while nothing is drawn. */
  readonly findDrawn: () => Drawn | undefined;
  /** What is to be read there. */
  readonly read: (drawn: Drawn, point: PlotPoint) => readonly string[];
  /** A part of the heatmap was marked; undefined where a side was not. */
  readonly zoom: (time: TimeWindow | undefined, addresses: AddressZoom | undefined) => void;
}

/** Less is a hand that trembles. */
const MIN_DRAG_PIXELS = 12;

type Pixels = readonly [x: number, y: number];

function toPoint({ box }: Drawn, [x, y]: Pixels): PlotPoint {
  const clamp = (share: number): number => Math.min(Math.max(share, 0), 0.999999);
  return {
    x: clamp((x - box.left) / (box.right - box.left)),
    y: clamp((box.bottom - y) / (box.bottom - box.top)),
  };
}

function isInside({ box }: Drawn, [x, y]: Pixels): boolean {
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}

/** A box beside the point, inside of the window. */
function showBox(lines: readonly string[], [x, y]: Pixels): void {
  const box = byId('reading');
  box.replaceChildren(...lines.map((line) => make('div', {}, line)));
  box.hidden = false;
  const { offsetWidth, offsetHeight } = box;
  const left = x + 16 + offsetWidth > innerWidth ? x - 16 - offsetWidth : x + 16;
  const top = y + 16 + offsetHeight > innerHeight ? y - 16 - offsetHeight : y + 16;
  box.style.left = `${Math.max(left, 0)}px`;
  box.style.top = `${Math.max(top, 0)}px`;
}

function listCrosshairs(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.crosshair')];
}

/** Lines through the point in both pictures: times are above each other. */
function showCrosshairs({ box }: Drawn, { x, y }: PlotPoint): void {
  for (const line of listCrosshairs()) {
    const isTime = line.dataset['axis'] === 'x';
    line.hidden = !isTime && y === undefined;
    const { style } = line;
    if (isTime) {
      style.left = `${box.left + x * (box.right - box.left)}px`;
      style.top = `${box.top}px`;
      style.bottom = `${PLOT_BOTTOM}px`;
    } else {
      style.left = `${box.left}px`;
      style.width = `${box.right - box.left}px`;
      style.top = `${box.bottom - (y ?? 0) * (box.bottom - box.top)}px`;
    }
  }
}

function hideReading(): void {
  byId('reading').hidden = true;
  for (const line of listCrosshairs()) line.hidden = true;
}

function showSelection(from: Pixels, to: Pixels): void {
  const element = byId('selection');
  element.hidden = false;
  element.style.left = `${Math.min(from[0], to[0])}px`;
  element.style.top = `${Math.min(from[1], to[1])}px`;
  element.style.width = `${Math.abs(from[0] - to[0])}px`;
  element.style.height = `${Math.abs(from[1] - to[1])}px`;
}

function selectTime({ time }: Drawn, from: PlotPoint, to: PlotPoint): TimeWindow {
  const length = time.endMs - time.startMs;
  const [start, end] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  return { startMs: time.startMs + start * length, endMs: time.startMs + end * length };
}

function selectAddresses({ layout }: Drawn, from: PlotPoint, to: PlotPoint): AddressZoom {
  const rows = [(from.y ?? 0) * layout.nrRows, (to.y ?? 0) * layout.nrRows];
  const start = addressAt(layout, Math.floor(Math.min(...rows)));
  const end = addressAt(layout, Math.ceil(Math.max(...rows)));
  return { start: start.toString(16), end: end.toString(16) };
}

interface PointingParts extends PointingOptions {
  readonly heat: HTMLCanvasElement;
  readonly wss: HTMLCanvasElement;
  /** Shows this reading now and after each picture; undefined = none. */
  readonly follow: (reader: Reader | undefined) => void;
}

function locate(event: PointerEvent, canvas: HTMLCanvasElement): Pixels {
  const { left, top } = canvas.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

/** What is read now; undefined = nothing. */
type Reader = (drawn: Drawn) => void;

function watchHover({ heat, wss, findDrawn, read, follow }: PointingParts): void {
  const show = (point: PlotPoint, event: PointerEvent): void => {
    const at: Pixels = [event.clientX, event.clientY];
    follow((drawn) => {
      showCrosshairs(drawn, point);
      showBox(read(drawn, point), at);
    });
  };
  heat.addEventListener('pointermove', (event) => {
    const drawn = findDrawn();
    const at = locate(event, heat);
    if (drawn === undefined || event.buttons !== 0 || !isInside(drawn, at)) follow(undefined);
    else show(toPoint(drawn, at), event);
  });
  wss.addEventListener('pointermove', (event) => {
    const drawn = findDrawn();
    if (drawn === undefined) return;
    const { x } = toPoint(drawn, locate(event, wss));
    show({ x, y: undefined }, event);
  });
  const leave = (): void => {
    follow(undefined);
  };
  for (const canvas of [heat, wss]) canvas.addEventListener('pointerleave', leave);
  heat.addEventListener('blur', leave);
}

/** Marking a part with the mouse. A finger scrolls the page instead. */
function watchDrag({ heat, findDrawn, zoom }: PointingParts): void {
  let pressed: Pixels | undefined;
  const release = (): void => {
    pressed = undefined;
    byId('selection').hidden = true;
  };
  heat.addEventListener('pointerdown', (event) => {
    const drawn = findDrawn();
    const at = locate(event, heat);
    if (drawn === undefined || event.pointerType === 'touch' || !isInside(drawn, at)) return;
    pressed = at;
    heat.setPointerCapture(event.pointerId);
  });
  heat.addEventListener('pointermove', (event) => {
    if (pressed !== undefined) showSelection(pressed, locate(event, heat));
  });
  heat.addEventListener('pointercancel', release);
  heat.addEventListener('pointerup', (event) => {
    const from = pressed;
    release();
    const drawn = findDrawn();
    if (from === undefined || drawn === undefined) return;
    const to = locate(event, heat);
    const points = [toPoint(drawn, from), toPoint(drawn, to)] as const;
    const isWide = Math.abs(from[0] - to[0]) >= MIN_DRAG_PIXELS;
    const isHigh = Math.abs(from[1] - to[1]) >= MIN_DRAG_PIXELS;
    if (!isWide && !isHigh) return;
    zoom(
      isWide ? selectTime(drawn, ...points) : undefined,
      isHigh ? selectAddresses(drawn, ...points) : undefined,
    );
  });
}

/** Of cells, so that a step can be seen. */
const STEP_CELLS = 4;
const FAR_STEPS = 10;
/** What is left of the addresses by one look closer. */
const CLOSER_SHARE = 1 / 4;

const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function watchKeys({ heat, findDrawn, read, zoom, follow }: PointingParts): void {
  let [x, y] = [0.999, 0.5];
  const show = (drawn: Drawn): void => {
    const { left, top } = heat.getBoundingClientRect();
    const { box } = drawn;
    showCrosshairs(drawn, { x, y });
    showBox(read(drawn, { x, y }), [
      left + box.left + x * (box.right - box.left),
      top + box.bottom - y * (box.bottom - box.top),
    ]);
  };
  heat.addEventListener('keydown', (event) => {
    const drawn = findDrawn();
    const step = STEPS[event.key];
    if (drawn === undefined || (step === undefined && event.key !== 'Enter')) return;
    event.preventDefault();
    if (step === undefined) {
      const from = Math.min(Math.max(y - CLOSER_SHARE / 2, 0), 1 - CLOSER_SHARE);
      zoom(undefined, selectAddresses(drawn, { x, y: from }, { x, y: from + CLOSER_SHARE }));
      return;
    }
    const cells = STEP_CELLS * (event.shiftKey ? FAR_STEPS : 1);
    const move = (share: number, by: number): number => Math.min(Math.max(share + by, 0), 0.999);
    x = move(x, (step[0] * cells) / drawn.heat.nrTimes);
    y = move(y, (step[1] * cells) / drawn.layout.nrRows);
    follow(show);
  });
}

/**
 * Reading by pointer and by arrow keys, and looking closer by marking a part or with Enter. `refresh`
 * reads anew what a new picture shows.
 */
export function watchPointing(options: PointingOptions): { refresh(): void } {
  let reader: Reader | undefined;
  const refresh = (): void => {
    const drawn = options.findDrawn();
    if (reader === undefined || drawn === undefined) hideReading();
    else reader(drawn);
  };
  const follow = (next: Reader | undefined): void => {
    reader = next;
    refresh();
  };
  const parts = { ...options, follow, heat: canvasById('heat'), wss: canvasById('wss') };
  watchHover(parts);
  watchDrag(parts);
  watchKeys(parts);
  return { refresh };
}
