/**
 * Viridis: equal steps of heat look equally large, it survives grey printing and is told apart by
 * colour-blind readers. Every fifteenth colour; what lies between is interpolated, at most 5/255 off.
 * Source: matplotlib's viridis (CC0).
 */
const VIRIDIS =
  '440154 481769 472a7a 433d84 3d4e8a 355e8d 2e6d8e 297b8e 23898e 1f978b 21a585 2eb37c 46c06f 65cb5e 89d548 b0dd2f d8e219 fde725';

/** Level 0 is "nothing observed"; levels 1 to 255 go from no access to the most. */
export const BLANK_LEVEL = 0;
export const LOWEST_LEVEL = 1;
export const HIGHEST_LEVEL = 255;

function parseAnchors(): readonly (readonly number[])[] {
  return VIRIDIS.split(' ').map((hex) =>
    [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  );
}

/** 256 colours as RGBA, by level. The blank level is transparent. */
export function computePalette(): Uint8Array {
  const anchors = parseAnchors();
  const palette = new Uint8Array(256 * 4);
  for (let level = LOWEST_LEVEL; level <= HIGHEST_LEVEL; level += 1) {
    const share = (level - LOWEST_LEVEL) / (HIGHEST_LEVEL - LOWEST_LEVEL);
    const place = share * (anchors.length - 1);
    const below = Math.min(Math.floor(place), anchors.length - 2);
    for (let channel = 0; channel < 3; channel += 1) {
      const from = anchors[below]?.[channel] ?? 0;
      const to = anchors[below + 1]?.[channel] ?? 0;
      palette[level * 4 + channel] = Math.round(from + (to - from) * (place - below));
    }
    palette[level * 4 + 3] = 255;
  }
  return palette;
}
