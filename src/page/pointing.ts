import { byId, canvasById, make } from './dom.ts';
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
function showReading(lines: readonly string[], [x, y]: Pixels): void {
  const box = byId('reading');
  box.replaceChildren(...lines.map((line) => make('div', {}, line)));
  box.hidden = false;
  const { offsetWidth, offsetHeight } = box;
  const left = x + 16 + offsetWidth > innerWidth ? x - 16 - offsetWidth : x + 16;
  const top = y + 16 + offsetHeight > innerHeight ? y - 16 - offsetHeight : y + 16;
  box.style.left = `${Math.max(left, 0)}px`;
  box.style.top = `${Math.max(top, 0)}px`;
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

/** Reading by pointer and by arrow keys, and zooming by marking a part. */
export function watchPointing({ findDrawn, read, zoom }: PointingOptions): void {
  const heat = canvasById('heat');
  const wss = canvasById('wss');
  let pressed: Pixels | undefined;
  let cell: PlotPoint = { x: 0.999, y: 0.5 };

  const hide = (): void => {
    byId('reading').hidden = true;
  };
  const locate = (event: PointerEvent, canvas: HTMLCanvasElement): Pixels => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  heat.addEventListener('pointermove', (event) => {
    const drawn = findDrawn();
    const at = locate(event, heat);
    if (pressed !== undefined) showSelection(pressed, at);
    if (drawn === undefined || !isInside(drawn, at)) {
      hide();
      return;
    }
    showReading(read(drawn, toPoint(drawn, at)), [event.clientX, event.clientY]);
  });
  wss.addEventListener('pointermove', (event) => {
    const drawn = findDrawn();
    if (drawn === undefined) return;
    const { x } = toPoint(drawn, locate(event, wss));
    showReading(read(drawn, { x, y: undefined }), [event.clientX, event.clientY]);
  });
  heat.addEventListener('pointerleave', hide);
  heat.addEventListener('blur', hide);
  wss.addEventListener('pointerleave', hide);

  heat.addEventListener('pointerdown', (event) => {
    const drawn = findDrawn();
    const at = locate(event, heat);
    // A finger scrolls the page.
    if (drawn === undefined || event.pointerType === 'touch' || !isInside(drawn, at)) return;
    pressed = at;
    heat.setPointerCapture(event.pointerId);
  });
  heat.addEventListener('pointerup', (event) => {
    const from = pressed;
    pressed = undefined;
    byId('selection').hidden = true;
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

  heat.addEventListener('keydown', (event) => {
    const drawn = findDrawn();
    const step = STEPS[event.key];
    if (drawn === undefined || step === undefined) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    const move = (share: number, by: number, count: number): number =>
      Math.min(Math.max(share + (by * far) / count, 0), 0.999);
    cell = {
      x: move(cell.x, step[0] * 4, drawn.heat.nrTimes),
      y: move(cell.y ?? 0, step[1] * 4, drawn.layout.nrRows),
    };
    const { left, top } = heat.getBoundingClientRect();
    const { box } = drawn;
    showReading(read(drawn, cell), [
      left + box.left + cell.x * (box.right - box.left),
      top + box.bottom - (cell.y ?? 0) * (box.bottom - box.top),
    ]);
  });
}

const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
