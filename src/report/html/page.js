'use strict';
// Tells what is under the pointer. Without this script the page shows everything else.

const reading = document.getElementById('reading');
const SVG = 'http://www.w3.org/2000/svg';
const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function formatSize(bytes) {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), 6);
  return `${Number((bytes / 1024 ** power).toPrecision(5))} ${SIZE_UNITS[power]}`;
}

function formatSeconds(seconds) {
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(4))} ms`;
  if (seconds < 120) return `${seconds.toFixed(2)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours > 0 ? `${hours} h ` : ''}${minutes} min ${Math.floor(seconds % 60)} s`;
}

/** The image's cells as colours: row by row from the top, four bytes each. */
async function readCells(svg) {
  const image = new Image();
  image.src = svg.querySelector('image').getAttribute('href');
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** What share of the highest value a colour stands for, read off the legend's bar. */
async function readScale(svg) {
  const image = new Image();
  image.src = svg.querySelectorAll('image')[1].getAttribute('href');
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, 1, canvas.height);
  const shares = new Map();
  for (let row = 0; row < canvas.height; row += 1) {
    const color = (data[row * 4] << 16) | (data[row * 4 + 1] << 8) | data[row * 4 + 2];
    shares.set(color, 1 - row / (canvas.height - 1));
  }
  return shares;
}

async function createHeatmapReader(svg, chart) {
  const [cells, shares] = await Promise.all([readCells(svg), readScale(svg)]);
  const [start, end] = chart.time;
  return (x, y) => {
    const column = Math.min(Math.floor(x * cells.width), cells.width - 1);
    const row = Math.min(Math.floor(y * cells.height), cells.height - 1);
    const at = (row * cells.width + column) * 4;
    const [red, green, blue, alpha] = cells.data.subarray(at, at + 4);
    const share = shares.get((red << 16) | (green << 8) | blue) ?? 0;
    const value = Number((share * chart.top).toPrecision(3));
    const offset = Math.floor(((cells.height - 1 - row) / cells.height) * chart.sizeBytes);
    const seconds = start + ((end - start) * column) / cells.width;
    const addr = (BigInt(chart.startAddr) + BigInt(offset)).toString(16);
    return [
      {
        text: alpha === 0 ? 'not observed' : `${value === 0 ? '' : 'about '}${value} ${chart.unit}`,
      },
      // Seconds since 1970 are a time of day.
      {
        text:
          seconds > 1e8 ? new Date(seconds * 1e3).toISOString() : `at ${formatSeconds(seconds)}`,
      },
      { text: `0x${addr} (+${formatSize(offset)})` },
    ];
  };
}

/** Index of the last point that is not after the position. */
function findPoint(points, position) {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (points[middle][0] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

function createLineReader(chart) {
  const [start, end] = chart.span;
  return (x) => {
    const position = start + (end - start) * x;
    const head = chart.unit === 's' ? `at ${formatSeconds(position)}` : `${position.toFixed(1)} %`;
    const lines = chart.lines
      .filter(({ points }) => points.length > 0)
      .map(({ label, color, points }) => ({
        text: `${label}: ${formatSize(points[findPoint(points, position)][1])}`,
        color,
      }));
    return [{ text: head }, ...lines];
  };
}

function showReading(entries, event) {
  reading.replaceChildren(
    ...entries.map(({ text, color }) => {
      const line = document.createElement('div');
      if (color) {
        const swatch = document.createElement('i');
        swatch.style.background = color;
        line.append(swatch);
      }
      line.append(text);
      return line;
    }),
  );
  reading.hidden = false;
  const { offsetWidth, offsetHeight } = reading;
  const left = event.clientX + 16 + offsetWidth > innerWidth ? -16 - offsetWidth : 16;
  const top = event.clientY + 16 + offsetHeight > innerHeight ? -16 - offsetHeight : 16;
  reading.style.left = `${Math.max(event.clientX + left, 0)}px`;
  reading.style.top = `${Math.max(event.clientY + top, 0)}px`;
}

function createMarker(svg, { left, right, top, bottom }, isCross) {
  const marker = document.createElementNS(SVG, 'path');
  marker.setAttribute('stroke', isCross ? '#ffffff' : 'var(--axis)');
  marker.setAttribute('stroke-opacity', '0.6');
  marker.setAttribute('fill', 'none');
  marker.setAttribute('pointer-events', 'none');
  svg.append(marker);
  return (x, y) => {
    const cross = isCross ? `M${left} ${y}H${right}` : '';
    marker.setAttribute('d', x === undefined ? '' : `M${x} ${top}V${bottom}${cross}`);
  };
}

async function watchFigure(figure) {
  const svg = figure.querySelector('svg');
  const chart = JSON.parse(figure.querySelector('script').textContent);
  const isHeatmap = chart.kind === 'heatmap';
  const { plot } = chart;
  const read = isHeatmap ? await createHeatmapReader(svg, chart) : createLineReader(chart);
  const mark = createMarker(svg, plot, isHeatmap);
  const leave = () => {
    reading.hidden = true;
    mark();
  };
  svg.addEventListener('pointermove', (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(
      svg.getScreenCTM().inverse(),
    );
    const x = (point.x - plot.left) / (plot.right - plot.left);
    const y = (point.y - plot.top) / (plot.bottom - plot.top);
    if (x < 0 || x > 1 || y < 0 || y > 1) {
      leave();
      return;
    }
    mark(point.x, point.y);
    showReading(read(x, y), event);
  });
  svg.addEventListener('pointerleave', leave);
}

for (const figure of document.querySelectorAll('figure')) void watchFigure(figure);
