/**
 * What runs when the demo starts. `operator`: somebody else's two sysfs kdamonds, one watching
 * every process, one reclaiming idle memory of the whole machine. `damon_stat`: nothing but
 * DAMON_STAT, as a distribution's 7.2 boots. `idle`: DAMON is there and off.
 */
export const DEMO_SCENES = ['operator', 'damon_stat', 'idle'] as const;
export type DemoSceneName = (typeof DEMO_SCENES)[number];
