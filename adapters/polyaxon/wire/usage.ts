/** What a job uses now, with all the keys that the clients' schema wants, and no other. */
export interface UsageWire {
  readonly job_uuid: string;
  readonly experiment_uuid: string;
  readonly job_name: string;
  readonly container_id: string;
  readonly n_cpus: number;
  /** Of one core: 250 are two cores and a half. */
  readonly cpu_percentage: number;
  readonly percpu_percentage: null;
  /** In bytes, as the limit. */
  readonly memory_used: number;
  readonly memory_limit: number;
  readonly gpu_resources: null;
}
