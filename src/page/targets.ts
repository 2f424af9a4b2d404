import type { SummaryEvent } from '../live/liveEvents.ts';
import type { KdamondJson, TargetJson } from '../live/observationJson.ts';

/** A target as the page names it. */
export interface NamedTarget {
  /** As the stream is asked for it. */
  readonly key: string;
  readonly name: string;
  /** Where it is: kdamond and, when there are several, context. */
  readonly place: string;
  readonly isPhysical: boolean;
  readonly kdamond: KdamondJson;
  readonly target: TargetJson;
}

/** Modules watch the physical memory of the machine. */
function isPhysical({ owner, operations }: KdamondJson, { context }: TargetJson): boolean {
  if (owner.startsWith('damon_')) return true;
  return operations?.[Number(context)] === 'paddr';
}

function nameTarget(target: TargetJson, isInPhysical: boolean): string {
  if (target.command !== null) return target.command;
  return isInPhysical ? 'physical memory' : `target ${target.target}`;
}

/** Every target there is, in the order of kdamonds. */
export function listTargets({ kdamonds }: Pick<SummaryEvent, 'kdamonds'>): NamedTarget[] {
  return kdamonds.flatMap((kdamond) =>
    kdamond.targets.map((target) => {
      const physical = isPhysical(kdamond, target);
      const parts = [kdamond.kdamond, target.context, target.target];
      const context = (kdamond.operations?.length ?? 1) > 1 ? `, context ${target.context}` : '';
      const number = target.command === null && physical ? '' : `, target ${target.target}`;
      return {
        key: parts.map(encodeURIComponent).join('/'),
        name: nameTarget(target, physical),
        place: `kdamond ${kdamond.kdamond}${context}${number}`,
        isPhysical: physical,
        kdamond,
        target,
      };
    }),
  );
}
