// Shows /api/v1/observation once a second. 64-bit integers arrive as decimal strings.

const POLL_MS = 1000;
const HISTORY_LENGTH = 180;
const SPARK_WIDTH = 180;
const SPARK_HEIGHT = 32;
const SVG = 'http://www.w3.org/2000/svg';

/** Working set sizes by target, newest last. */
const wssHistory = new Map();
/** Earlier CPU readings by kdamond: a rate over a few polls is steadier than over one. */
const cpuHistory = new Map();
const CPU_HISTORY_LENGTH = 10;

const byId = (id) => document.getElementById(id);

function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

function formatBytes(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 100 ? 1 : 0)} ${units[unit]}`;
}

function formatUs(us) {
  if (us === null) return '?';
  if (us >= 1e6) return `${+(us / 1e6).toFixed(2)} s`;
  return us >= 1000 ? `${+(us / 1000).toFixed(2)} ms` : `${us} µs`;
}

function makeCell(text, className = '') {
  const cell = document.createElement('td');
  cell.textContent = text;
  cell.className = className;
  return cell;
}

function makeRow(cells) {
  const row = document.createElement('tr');
  row.append(...cells);
  return row;
}

function remember(history, key, value, length) {
  const values = history.get(key) ?? [];
  values.push(value);
  if (values.length > length) values.shift();
  history.set(key, values);
  return values;
}

function forgetOthers(history, keys) {
  for (const key of history.keys()) {
    if (!keys.has(key)) history.delete(key);
  }
}

function makeShape(name, points) {
  const shape = document.createElementNS(SVG, name);
  shape.setAttribute('points', points.map((point) => point.join(',')).join(' '));
  return shape;
}

function makeSparkline(values, highest) {
  const left = SPARK_WIDTH - values.length + 1;
  const line = values.map((value, index) => [
    left + index,
    (SPARK_HEIGHT - 1 - (value / (highest || 1)) * (SPARK_HEIGHT - 2)).toFixed(1),
  ]);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute(
    'aria-label',
    `working set between ${formatBytes(Math.min(...values))} and ${formatBytes(highest)}`,
  );
  svg.append(
    makeShape('polygon', [[left, SPARK_HEIGHT], ...line, [SPARK_WIDTH, SPARK_HEIGHT]]),
    makeShape('polyline', line),
  );
  return svg;
}

function makeTargetRow(kdamond, target, key) {
  const wss = Number(target.wssBytes);
  const values = remember(wssHistory, key, wss, HISTORY_LENGTH);
  const highest = Math.max(...values);
  const spark = document.createElement('td');
  spark.append(makeSparkline(values, highest));
  const name = target.command === null ? target.target : `${target.target} (${target.command})`;
  const intervals = `${formatUs(target.sampleIntervalUs)} / ${formatUs(target.aggrIntervalUs)}`;
  return makeRow([
    makeCell(kdamond.kdamond),
    makeCell(name),
    makeCell(formatBytes(wss), 'number'),
    spark,
    makeCell(formatBytes(highest), 'number'),
    makeCell(formatBytes(Number(target.monitoredBytes)), 'number'),
    makeCell(String(target.regions), 'number'),
    makeCell(intervals, 'number'),
    makeCell(`${target.ageSeconds.toFixed(1)} s`, 'number'),
  ]);
}

function describeCpu(kdamond, takenAtNs) {
  if (kdamond.cpuSeconds === null) return '–';
  const reading = { seconds: kdamond.cpuSeconds, atNs: takenAtNs };
  const readings = remember(cpuHistory, kdamond.kdamond, reading, CPU_HISTORY_LENGTH);
  const first = readings[0];
  const elapsed = Number(BigInt(takenAtNs) - BigInt(first.atNs)) / 1e9;
  const used = kdamond.cpuSeconds - first.seconds;
  return elapsed > 0 && used >= 0 ? `${((100 * used) / elapsed).toFixed(1)} %` : '–';
}

function makeKdamondRow(kdamond, takenAtNs) {
  return makeRow([
    makeCell(kdamond.kdamond),
    makeCell(kdamond.owner),
    makeCell(kdamond.isRunning ? 'running' : 'off'),
    makeCell(kdamond.operations?.join(', ') ?? '–'),
    makeCell(kdamond.nrSchemes === null ? '–' : String(kdamond.nrSchemes), 'number'),
    makeCell(describeCpu(kdamond, takenAtNs), 'number'),
  ]);
}

function showTotals(kdamonds, targets) {
  const sum = (pick) => targets.reduce((total, target) => total + Number(pick(target)), 0);
  setText('totalWss', formatBytes(sum((target) => target.wssBytes)));
  setText('totalMonitored', formatBytes(sum((target) => target.monitoredBytes)));
  setText('totalRegions', String(sum((target) => target.regions)));
  setText('nrTargets', String(targets.length));
  const nrRunning = kdamonds.filter((kdamond) => kdamond.isRunning).length;
  setText('nrRunning', `${nrRunning} of ${kdamonds.length}`);
}

function showHealth({ collector, source, damonStat }) {
  setText(
    'health',
    `${collector.snapshots} snapshots, ${collector.lostEvents} lost events, ` +
      `${collector.spoiledSnapshots} spoiled snapshots, ${collector.busyRetries} busy retries`,
  );
  // While one source works it does not matter why another would not.
  const sourceProblems = source.active === null ? Object.entries(source.problems) : [];
  const problems = [
    ...sourceProblems.map(([name, problem]) => `${name}: ${problem}`),
    ...collector.problems.map(({ part, problem }) => `${part}: ${problem}`),
  ];
  const items = problems.map((problem) => {
    const item = document.createElement('li');
    item.textContent = problem;
    return item;
  });
  byId('problems').replaceChildren(...items);
  const bandwidth = damonStat?.memoryBandwidthBytesPerSecond ?? null;
  byId('bandwidthTile').hidden = bandwidth === null;
  if (bandwidth !== null) setText('bandwidth', `${formatBytes(Number(bandwidth))}/s`);
}

function showStatus(state, text) {
  byId('status').dataset.state = state;
  setText('status', text);
}

function showObservation(observation) {
  const { kdamonds, source, takenAtNs } = observation;
  const targets = kdamonds.flatMap((kdamond) =>
    kdamond.targets.map((target) => ({
      kdamond,
      target,
      key: `${kdamond.kdamond} ${target.context} ${target.target}`,
    })),
  );
  forgetOthers(wssHistory, new Set(targets.map(({ key }) => key)));
  forgetOthers(cpuHistory, new Set(kdamonds.map(({ kdamond }) => kdamond)));
  byId('targets').replaceChildren(
    ...targets.map(({ kdamond, target, key }) => makeTargetRow(kdamond, target, key)),
  );
  byId('kdamonds').replaceChildren(
    ...kdamonds.map((kdamond) => makeKdamondRow(kdamond, takenAtNs)),
  );
  byId('noTargets').hidden = targets.length > 0;
  byId('noKdamonds').hidden = kdamonds.length > 0;
  showTotals(
    kdamonds,
    targets.map(({ target }) => target),
  );
  showHealth(observation);
  const kernel = observation.kernelRelease === null ? '' : `, kernel ${observation.kernelRelease}`;
  if (observation.collector.isIdle) showStatus('waiting', `waking up${kernel}`);
  else if (source.active === null) showStatus('broken', `no source is usable${kernel}`);
  else {
    const ages = targets.map(({ target }) => target.ageSeconds);
    const age = ages.length === 0 ? '' : `, ${Math.min(...ages).toFixed(1)} s old`;
    showStatus('live', `source ${source.active}${age}${kernel}`);
  }
}

async function poll() {
  try {
    const response = await fetch('/api/v1/observation');
    if (response.ok) showObservation(await response.json());
    else if (response.status === 503) showStatus('waiting', 'waiting for the first observation …');
    else showStatus('broken', `the exporter answered ${response.status}`);
  } catch {
    showStatus('broken', 'the exporter does not answer; numbers below are old');
  }
  setTimeout(poll, POLL_MS);
}

void poll();
