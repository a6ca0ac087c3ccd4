/** A taint of nodes that replicas tolerate, as Kubernetes writes it. */
export interface Toleration {
  /** Without one, every taint is tolerated. */
  readonly key?: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string;
  /** Without one, every effect is tolerated. */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long a replica stays on a node after the taint came, of the effect NoExecute alone. */
  readonly tolerationSeconds?: number;
}

/**
 * On which nodes replicas shall run, in the words of Kubernetes. A wish: what the operator says of nodes holds
 * besides, and a runner without nodes has no use for it.
 */
export interface Placement {
  /** Labels that a node must have. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** An `Affinity` as it was sent, which only a cluster can check; null for none. */
  readonly affinity: Readonly<Record<string, unknown>> | null;
}

const qualifiedName =
  /^((?=.{1,253}\/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** Can this be the name of a label, a taint or a resource? */
export function isQualifiedName(text: string): boolean {
  return qualifiedName.test(text);
}

/** Can this be the value of a label or a taint? */
export function isLabelValue(text: string): boolean {
  return labelValue.test(text);
}
