import { make, setText } from './dom.ts';
import { formatBytes } from './humanText.ts';
import type { NamedTarget } from './targets.ts';

interface TargetItem {
  readonly item: HTMLLIElement;
  readonly input: HTMLInputElement;
  readonly name: HTMLElement;
  readonly place: HTMLElement;
  readonly size: HTMLElement;
}

/** The targets to choose from, with their working sets as bars. */
export interface TargetList {
  show(targets: readonly NamedTarget[], chosenKey: string | undefined): void;
}

function makeItem(key: string, choose: (key: string) => void): TargetItem {
  const input = make('input', { type: 'radio', name: 'target', value: key });
  const name = make('strong');
  const place = make('span', { class: 'quiet' });
  const size = make('span', { class: 'size' });
  const item = make('li', {}, make('label', {}, input, name, size, place));
  input.addEventListener('change', () => {
    choose(key);
  });
  return { item, input, name, place, size };
}

export function createTargetList(list: HTMLElement, choose: (key: string) => void): TargetList {
  const items = new Map<string, TargetItem>();
  let shownKey: string | undefined;
  return {
    show: (targets, chosenKey) => {
      const present = new Set(targets.map(({ key }) => key));
      for (const [key, { item, size }] of items) {
        if (present.has(key)) continue;
        // The one that is looked at stays: what was seen of it is still there to be read.
        if (key === chosenKey) {
          setText(size, 'gone');
          item.style.setProperty('--share', '0%');
        } else {
          item.remove();
          items.delete(key);
        }
      }
      for (const { key, name, place, target } of targets) {
        const parts = items.get(key) ?? makeItem(key, choose);
        if (!items.has(key)) {
          items.set(key, parts);
          list.append(parts.item);
        }
        setText(parts.name, name);
        setText(parts.place, place);
        const [wss, monitored] = [Number(target.wssBytes), Number(target.monitoredBytes)];
        setText(parts.size, formatBytes(wss));
        const share = monitored > 0 ? Math.min(wss / monitored, 1) : 0;
        parts.item.style.setProperty('--share', `${Math.round(share * 1000) / 10}%`);
        parts.item.title = `${formatBytes(wss)} of ${formatBytes(monitored)} accessed`;
      }
      for (const [key, { input, item }] of items) {
        input.checked = key === chosenKey;
        if (!input.checked || shownKey === key) continue;
        shownKey = key;
        item.scrollIntoView({ block: 'nearest' });
      }
    },
  };
}
