// What a pod sandbox is made of, in CRI's shape.

/** Whose namespace is used: the pod's own (shared by its containers), one per container, the host's, another container's. */
export type NamespaceMode = 'pod' | 'container' | 'node';

export interface NamespaceOptions {
  readonly network: 'pod' | 'node';
  readonly pid: NamespaceMode;
  readonly ipc: 'pod' | 'node';
}

export interface PortMapping {
  readonly protocol: string;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface SeccompSelection {
  readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  readonly localhostProfile?: string;
}

export interface PodSandboxConfig {
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string; readonly attempt: number };
  /** Empty on the host's network. */
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dns?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly namespaces: NamespaceOptions;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly cgroupParent?: string;
  /** The address that a simulated sandbox may take for its own on the host's network. */
  readonly hostAddress: string;
}
