/**
 * What the kernel can tune a size quota by.
 *
 * Source: mm/damon/sysfs-schemes.c, damos_sysfs_qgoal_metric_names.
 */
export const GOAL_METRICS = [
  'user_input',
  'some_mem_psi_us',
  'node_mem_used_bp',
  'node_mem_free_bp',
  'node_memcg_used_bp',
  'node_memcg_free_bp',
  'active_mem_bp',
  'inactive_mem_bp',
  'node_eligible_mem_bp',
] as const;

/** Metrics that are about one node; for the others the kernel shows node 0. */
export function isNodeMetric(metric: string): boolean {
  return metric.startsWith('node_');
}

/** Metrics that are about one memory cgroup on one node. */
export function isMemcgMetric(metric: string): boolean {
  return metric.startsWith('node_memcg_');
}
