import type { KdamondSpec, SchemeSpec } from '../../damon/spec.ts';
import type { CountingIntervals } from '../accessPattern.ts';
import { decodeDocument, listItems, openMap, readQuantity } from '../decode.ts';
import type { Place } from '../decode.ts';
import type { ConfigDocument } from '../document.ts';
import { parseJsonDocument } from '../jsonDocument.ts';
import { decodeContext } from './decodeContext.ts';
import { decodeScheme } from './decodeScheme.ts';
import { parseUint32Ms } from './quantities.ts';

function decodeKdamond(place: Place): KdamondSpec {
  const fields = openMap(place, ['refresh_ms', 'contexts'], ['state', 'pid']);
  const refreshMs = readQuantity(fields.get('refresh_ms'), parseUint32Ms, 0);
  return {
    ...(refreshMs !== 0 && { refreshMs }),
    contexts: listItems(fields.require('contexts')).map(decodeContext),
  };
}

/** The list itself, or a map that holds it under this key. */
function listNamed(root: Place, key: string): readonly Place[] {
  return listItems(root.node.kind === 'map' ? openMap(root, [key]).require(key) : root);
}

/**
 * The kdamonds of a document in damo's layout, whatever its syntax.
 *
 * @throws ConfigError with every problem.
 */
export function decodeDamoKdamonds(document: ConfigDocument): KdamondSpec[] {
  return decodeDocument(document, (root) => listNamed(root, 'kdamonds').map(decodeKdamond));
}

/** The same for a list of schemes, which count in the intervals of the context they are for. */
export function decodeDamoSchemes(
  document: ConfigDocument,
  intervals: CountingIntervals,
): SchemeSpec[] {
  return decodeDocument(document, (root) =>
    listNamed(root, 'schemes').map((place) => decodeScheme(place, intervals)),
  );
}

/**
 * Kdamonds in damo's JSON: what `damo args damon`, `fmt_json`, a status dump or `damon.data.kdamonds`
 * hold. Parts that are missing have damo's defaults.
 *
 * @param name What messages call the text: a path, or an option.
 * @throws ConfigError with every problem.
 */
export function parseDamoKdamonds(text: string, name: string): KdamondSpec[] {
  return decodeDamoKdamonds(parseJsonDocument(text, name));
}

/** A list of schemes in damo's JSON. @throws ConfigError with every problem. */
export function parseDamoSchemes(
  text: string,
  name: string,
  intervals: CountingIntervals,
): SchemeSpec[] {
  return decodeDamoSchemes(parseJsonDocument(text, name), intervals);
}
