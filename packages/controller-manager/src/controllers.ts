// The list of controllers. A new one is added here and nowhere else.
import type { KindName } from '@steersman/api';
import type { Client } from '@steersman/client';
import type { Runnable } from '@steersman/component-base';
import { AdmissionPolicyStatusController } from './admission-policies/status-controller.js';
import { BootstrapSigner } from './bootstrap/bootstrap-signer.js';
import { TokenCleaner } from './bootstrap/token-cleaner.js';
import { CertificateSigningController } from './certificates/signing-controller.js';
import { ClusterRoleAggregationController } from './clusterroles/aggregation-controller.js';
import type { ControllerTools } from './controller-manager.js';
import { DaemonSetController } from './daemonsets/controller.js';
import { DeploymentController } from './deployments/controller.js';
import { EndpointsController } from './endpoints/controller.js';
import { EndpointSliceController } from './endpointslices/controller.js';
import { GarbageCollector } from './garbage-collector/garbage-collector.js';
import { JobController } from './jobs/controller.js';
import { TtlAfterFinishedController } from './jobs/ttl-controller.js';
import { NamespaceController } from './namespaces/controller.js';
import { NodeIpamController } from './nodes/node-ipam-controller.js';
import { NodeLifecycleController } from './nodes/node-lifecycle-controller.js';
import { TaintEvictionController } from './nodes/taint-eviction-controller.js';
import { ClaimProtectionController } from './pods/claim-protection-controller.js';
import { RealPodControl } from './pods/pod-control.js';
import { PodGcController } from './pods/pod-gc-controller.js';
import { ReplicaController } from './replicasets/controller.js';
import { ResourceQuotaController } from './resourcequotas/controller.js';
import { RootCaController } from './root-ca/controller.js';
import type { Controller } from './runtime/controller.js';
import { ControllerRunner } from './runtime/controller-runner.js';
import { ServiceAccountController } from './serviceaccounts/controller.js';
import { ServiceCidrController } from './servicecidrs/controller.js';
import { StatefulSetController } from './statefulsets/controller.js';

/** Makes a controller with the client of its own service account. */
type Make = (tools: ControllerTools & { readonly client: Client }) => Controller<KindName>;

/** By the service account each acts as; where several share one, `account/name`. */
const controllers: Readonly<Record<string, Make>> = {
  'deployment-controller': (tools) =>
    new DeploymentController({ ...tools, recorder: tools.recorderOf('deployment-controller', tools.client) }) as unknown as Controller,
  'daemon-set-controller': (tools) => {
    const recorder = tools.recorderOf('daemonset-controller', tools.client);
    return new DaemonSetController({ ...tools, recorder, pods: new RealPodControl(tools.client, recorder) }) as unknown as Controller;
  },
  'job-controller': (tools) => {
    const recorder = tools.recorderOf('job-controller', tools.client);
    return new JobController({ ...tools, recorder, pods: new RealPodControl(tools.client, recorder) }) as unknown as Controller;
  },
  'statefulset-controller': (tools) =>
    new StatefulSetController({ ...tools, recorder: tools.recorderOf('statefulset-controller', tools.client) }) as unknown as Controller,
  'pvc-protection-controller': (tools) => new ClaimProtectionController(tools) as unknown as Controller,
  'ttl-after-finished-controller': (tools) => new TtlAfterFinishedController(tools) as unknown as Controller,
  'clusterrole-aggregation-controller': (tools) => new ClusterRoleAggregationController(tools) as unknown as Controller,
  'replicaset-controller': (tools) =>
    new ReplicaController('ReplicaSet', {
      ...tools,
      pods: new RealPodControl(tools.client, tools.recorderOf('replicaset-controller', tools.client)),
    }) as unknown as Controller,
  'replication-controller': (tools) =>
    new ReplicaController('ReplicationController', {
      ...tools,
      pods: new RealPodControl(tools.client, tools.recorderOf('replication-controller', tools.client)),
    }) as unknown as Controller,
  'service-account-controller': ({ client, informers }) => new ServiceAccountController(client, informers) as unknown as Controller,
  'root-ca-cert-publisher': ({ client, informers, rootCa }) => new RootCaController(client, informers, rootCa) as unknown as Controller,
  'namespace-controller': ({ client, informers, clock }) => new NamespaceController(client, informers, clock) as unknown as Controller,
  'resourcequota-controller': ({ client, informers, clock }) => new ResourceQuotaController(client, informers, clock) as unknown as Controller,
  'endpoint-controller': (tools) => new EndpointsController(tools) as unknown as Controller,
  'node-controller/ipam': (tools) =>
    new NodeIpamController({
      ...tools,
      recorder: tools.recorderOf('cidrAllocator', tools.client),
      clusterCidr: tools.clusterCidr ?? '10.244.0.0/16',
      nodeCidrMaskSize: tools.nodeCidrMaskSize ?? 24,
    }) as unknown as Controller,
  'node-controller/lifecycle': (tools) =>
    new NodeLifecycleController({ ...tools, recorder: tools.recorderOf('node-controller', tools.client) }) as unknown as Controller,
  'node-controller/taint-eviction': (tools) =>
    new TaintEvictionController({ ...tools, recorder: tools.recorderOf('taint-eviction-controller', tools.client) }) as unknown as Controller,
  'validatingadmissionpolicy-status-controller': (tools) => new AdmissionPolicyStatusController(tools) as unknown as Controller,
  'service-cidrs-controller': (tools) => new ServiceCidrController(tools) as unknown as Controller,
  'bootstrap-signer': (tools) => new BootstrapSigner(tools) as unknown as Controller,
  'token-cleaner': (tools) => new TokenCleaner(tools) as unknown as Controller,
  'endpointslice-controller': (tools) => new EndpointSliceController(tools) as unknown as Controller,
};

export async function controllersOf(tools: ControllerTools): Promise<Runnable[]> {
  const runners = Object.entries(controllers).map(async ([account, make]) => {
    const client = await tools.clientOf(account.split('/')[0]!);
    return new ControllerRunner(make({ ...tools, client }), { ...tools, metrics: tools.registry }, tools.metrics);
  });
  const { signer } = tools;
  if (signer) {
    const client = await tools.clientOf('certificate-controller');
    runners.push(
      Promise.resolve(
        new ControllerRunner(
          new CertificateSigningController({ ...tools, client, signer }) as unknown as Controller,
          { ...tools, metrics: tools.registry },
          tools.metrics,
        ),
      ),
    );
  }
  const collector = new GarbageCollector({ ...tools, client: await tools.clientOf('generic-garbage-collector') });
  const podCollector = new PodGcController({ ...tools, client: await tools.clientOf('pod-garbage-collector') });
  return [...(await Promise.all(runners)), collector, podCollector];
}
