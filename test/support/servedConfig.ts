/** One kdamond of which the kernel has about every file there is; it samples seldom. */
export const SERVED_CONFIG = `
kdamonds:
  - name: services
    contexts:
      - ops: vaddr
        intervals: { sample_us: 200 ms, aggr_us: 1 s, ops_update_us: 1 s }
        nr_regions: { min: 10, max: 100 }
        targets:
          - process: { name: database }
        schemes:
          - name: pageout-cold
            action: pageout
            access_pattern:
              sz_bytes: { min: 4 KiB, max: max }
              nr_accesses: { min: 0 %, max: 0 % }
              age: { min: 2 m, max: max }
            quotas:
              sz_bytes: 128 MiB
              time_ms: 10 ms
              reset_interval_ms: 1 s
              goals:
                - { metric: some_mem_psi_us, target_value: '1,000' }
              weights: { sz_permil: 0 %, nr_accesses_permil: 0 %, age_permil: 100 % }
            watermarks:
              metric: free_mem_rate
              interval_us: 5 s
              high_permil: 100 %
              mid_permil: 99 %
              low_permil: 5 %
          - name: observe
            action: stat
`;
