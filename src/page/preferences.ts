import type { ThemeName } from '../report/chart/chartContext.ts';
import type { Zone } from './clockText.ts';

/** What was chosen here before; undefined = never, or this browser keeps nothing. */
export interface Preferences {
  readonly theme: ThemeName | undefined;
  readonly zone: Zone | undefined;
}

const KEY = 'damon-exporter-live';

function readStored(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    // Storage may be forbidden, and what lies in it may be anything.
    return {};
  }
}

export function readPreferences(): Preferences {
  const { theme, zone } = Object(readStored()) as Record<string, unknown>;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
    zone: zone === 'local' || zone === 'utc' ? zone : undefined,
  };
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Then it is chosen anew next time.
  }
}
