import { findProbesProblem } from '../damon/probes.ts';
import { listFilters, listSchemeProblems } from '../damon/schemeProblems.ts';
import type { IntervalsSpec, Operations, ProbeSpec, SchemeSpec } from '../damon/spec.ts';
import type { DamonConfig, KdamondConfig, TargetsConfig } from './config.ts';
import { decodeContextWith } from './damo/decodeContext.ts';
import { decodeNamedProbe } from './damo/decodeFilters.ts';
import { SCHEME_KEYS, STATUS_KEYS, decodeSchemeFields } from './damo/decodeScheme.ts';
import { parseUint32Ms } from './damo/quantities.ts';
import {
  decodeDocument,
  listItems,
  openMap,
  readBoolean,
  readQuantity,
  readText,
  readWord,
  reportProblem,
} from './decode.ts';
import type { Place } from './decode.ts';
import { decodeServe } from './decodeServe.ts';
import { decodeTargets } from './decodeTargets.ts';
import type { ConfigDocument } from './document.ts';
import { isUnbounded } from './schemeRisk.ts';
import { parseYamlDocument } from './yamlDocument.ts';

/** What a label of a metric and a line of a log can hold without being quoted. */
const NAME = /^[A-Za-z0-9_.:-]{1,64}$/;

function decodeName(place: Place | undefined, fallback: string): string {
  const name = readText(place);
  if (place === undefined || name === undefined) return fallback;
  if (!NAME.test(name)) {
    reportProblem(place, `found "${name}", expected letters, digits, "_", ".", ":" and "-"`);
  }
  return name;
}

/** Names stand for what they name in metrics: two of the same would be added up. */
function checkNames(places: readonly Place[], names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const place = places[index];
    const first = names.indexOf(name);
    if (place === undefined || first === index) continue;
    reportProblem(place, `the name "${name}" is that of number ${first + 1} too`);
  }
}

/** What goes by its place in a list where nobody names it. */
function decodeNameInList(place: Place): (name: Place | undefined) => string {
  const index = /\[(\d+)\]$/.exec(place.path)?.[1] ?? '0';
  return (name) => decodeName(name, index);
}

function decodeProbe(place: Place): ProbeSpec {
  return decodeNamedProbe(place, decodeNameInList(place));
}

function decodeScheme(
  place: Place,
  intervals: IntervalsSpec,
  operations: Operations | undefined,
): SchemeSpec & { name: string } {
  const fields = openMap(place, ['name', 'unsafe', ...SCHEME_KEYS], STATUS_KEYS);
  const name = decodeNameInList(place)(fields.get('name'));
  const scheme = { name, ...decodeSchemeFields(place, fields, intervals) };
  if (isUnbounded(scheme) && !readBoolean(fields.get('unsafe'), false)) {
    reportProblem(
      place,
      `${scheme.action} without a quota or watermarks could take all memory away at once; limit it (quotas: sz_bytes or time_ms; watermarks), or say "unsafe: true"`,
    );
  }
  if (operations !== undefined) {
    for (const problem of listSchemeProblems(scheme, { operations, intervals })) {
      reportProblem(place, problem);
    }
  }
  return scheme;
}

/** The kernel takes a filter by a target that it does not have, which then speaks of nothing. */
function checkTargetFilters(
  place: Place,
  schemes: readonly SchemeSpec[],
  targets: TargetsConfig,
): void {
  const count = targets.kind === 'physical' ? 1 : targets.targets.length;
  for (const { targetIndex } of schemes.flatMap(listFilters)) {
    if (targetIndex === undefined || targetIndex < count) continue;
    reportProblem(
      place,
      `found a filter by target ${targetIndex}, expected one of the ${count} there are, from 0`,
    );
  }
}

function decodeKdamond(place: Place): KdamondConfig | undefined {
  const fields = openMap(place, ['name', 'refresh_ms', 'contexts'], ['state', 'pid']);
  const refreshMs = readQuantity(fields.get('refresh_ms'), parseUint32Ms, 0);
  const contexts = listItems(fields.require('contexts'));
  const [first] = contexts;
  const name = decodeNameInList(place)(fields.get('name'));
  if (first === undefined || contexts.length > 1) {
    reportProblem(place, `found ${contexts.length} contexts, expected one: the kernel has one`);
    return undefined;
  }
  const { frame, targets, schemes } = decodeContextWith(first, {
    decodeTargets,
    decodeProbe,
    decodeScheme,
  });
  checkTargetFilters(first, schemes, targets);
  const probesProblem = (frame.probes ?? []).length > 0 ? findProbesProblem(frame) : undefined;
  if (probesProblem !== undefined) reportProblem(first, probesProblem);
  for (const named of [schemes, frame.probes ?? []]) {
    checkNames(
      named.map(() => first),
      named.map(({ name }) => name ?? ''),
    );
  }
  return { name, ...(refreshMs !== 0 && { refreshMs }), context: frame, targets, schemes };
}

function decodeConfig(root: Place, locate: ConfigDocument['locate']): DamonConfig {
  const isList = root.node.kind === 'list';
  const fields = isList
    ? undefined
    : openMap(root, ['kdamonds', 'on_exit', 'on_drift', 'serve'], ['$schema']);
  const serve = fields?.get('serve');
  const kdamondsPlace = serve === undefined ? fields?.require('kdamonds') : fields?.get('kdamonds');
  const places = listItems(isList ? root : kdamondsPlace);
  const kdamonds = places.flatMap((place) => decodeKdamond(place) ?? []);
  const isEmpty = places.length === 0 && (serve === undefined || kdamondsPlace !== undefined);
  if (isEmpty) reportProblem(root, 'found no kdamond, expected at least one');
  checkNames(
    places,
    kdamonds.map(({ name }) => name),
  );
  return {
    kdamonds,
    onExit: readWord(fields?.get('on_exit'), ['restore', 'keep'], 'restore'),
    onDrift: readWord(fields?.get('on_drift'), ['report', 'correct'], 'report'),
    ...(serve !== undefined && { serve: decodeServe(serve, locate) }),
  };
}

/**
 * A configuration file: YAML, or JSON as damo writes it. The layout is that of damo's kdamonds; what
 * it can say beyond that is in docs/configuration.md.
 *
 * @param name What messages call it: its path.
 * @throws ConfigError with every problem and its place.
 */
export function parseDamonConfig(text: string, name: string): DamonConfig {
  const document = parseYamlDocument(text, name);
  return decodeDocument(document, (root) => decodeConfig(root, document.locate));
}
