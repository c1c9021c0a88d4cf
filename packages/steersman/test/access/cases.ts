// Who may do what: one request a line, and whether upstream lets it through. Paths that begin with a resource are in the namespace `team`;
// `-` stands for /api/v1, `apps:`, `rbac:` and the like for /apis/<group>/<version>. After the path: a body by name, and whom to act as.

/** By user; each is what its role or its bindings make of it, see `objects.ts`. */
export const accessCases: Readonly<Record<string, string>> = {
  // RoleBinding of the ClusterRole view in team.
  viewer: `
    yes GET pods
    yes GET pods/p
    yes GET pods/p/log
    yes GET pods/p/status
    yes GET pods?watch=true&timeoutSeconds=1
    yes GET configmaps
    yes GET services
    yes GET endpoints
    yes GET serviceaccounts/default
    yes GET resourcequotas
    yes GET persistentvolumeclaims
    yes GET apps:deployments
    yes GET apps:deployments/d/scale
    yes GET batch:jobs
    yes GET networking:ingresses
    yes GET discovery:endpointslices
    yes GET policy:poddisruptionbudgets
    yes GET -/namespaces/team
    no  GET secrets
    no  GET secrets/s
    no  GET rbac:roles
    no  GET rbac:rolebindings
    no  GET coordination:leases
    no  GET pods/p/exec?command=ls
    no  GET pods/p/portforward
    no  GET pods/p/proxy
    no  POST pods
    no  PUT configmaps/c
    no  PATCH apps:deployments/d
    no  PATCH apps:deployments/d/scale
    no  DELETE pods/p
    no  DELETE pods
    no  POST pods/p/eviction
    no  POST serviceaccounts/default/token
    no  GET -/namespaces/other/pods
    no  GET -/pods
    no  GET -/namespaces
    no  GET -/namespaces/other
    no  GET -/nodes
    no  GET -/persistentvolumes
    no  GET rbac!/clusterroles`,

  // RoleBinding of the ClusterRole edit in team.
  editor: `
    yes GET pods
    yes POST pods
    yes DELETE pods
    yes GET pods/p/exec?command=ls
    yes POST pods/p/exec?command=ls
    yes POST pods/p/attach
    yes POST pods/p/portforward
    yes GET pods/p/proxy
    yes POST pods/p/eviction
    yes GET secrets
    yes GET secrets/s
    yes POST secrets
    yes PATCH apps:deployments/d
    yes PATCH apps:deployments/d/scale
    yes POST batch:jobs
    yes POST serviceaccounts
    yes POST serviceaccounts/default/token
    yes GET coordination:leases
    yes POST events
    yes POST networking:networkpolicies
    yes POST policy:poddisruptionbudgets
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews as:system:serviceaccount:team:worker
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:system:serviceaccount:other:worker
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:viewer
    no  PATCH pods/p/status
    no  PATCH apps:deployments/d/status
    no  PUT resourcequotas/q
    no  POST resourcequotas
    no  POST limitranges
    no  GET rbac:roles
    no  POST rbac:roles role-pods
    no  POST rbac:rolebindings binding-view
    no  POST discovery:endpointslices
    no  PATCH -/namespaces/team
    no  POST -/namespaces
    no  POST pods/p/binding
    no  POST -/namespaces/other/pods`,

  // RoleBinding of the ClusterRole admin in team.
  admin: `
    yes GET rbac:roles
    yes POST rbac:roles role-pods
    yes POST rbac:roles role-secrets
    yes POST rbac:rolebindings binding-view
    yes POST rbac:rolebindings binding-edit
    yes POST rbac:rolebindings binding-admin
    yes DELETE rbac:rolebindings/viewer
    yes POST authorization:localsubjectaccessreviews
    yes POST secrets
    yes DELETE secrets/s
    no  POST rbac:roles role-nodes
    no  POST rbac:roles role-all
    no  POST rbac:rolebindings binding-root
    no  POST rbac!/clusterroles cluster-role-pods
    no  GET rbac!/clusterroles
    no  POST resourcequotas
    no  DELETE -/namespaces/team
    no  POST authorization!/subjectaccessreviews
    no  GET -/namespaces/other/secrets`,

  // RoleBinding of cluster-admin in team: everything, there.
  'team-root': `
    yes GET secrets
    yes POST resourcequotas
    yes POST rbac:roles role-all
    yes POST rbac:rolebindings binding-root
    yes PATCH pods/p/status
    yes DELETE -/namespaces/team
    yes POST pods/p/binding
    no  GET -/namespaces/other/pods
    no  GET -/nodes
    no  POST -/namespaces
    no  GET /metrics
    no  POST rbac!/clusterrolebindings cluster-binding-view`,

  // ClusterRoleBinding of cluster-admin.
  boss: `
    yes GET -/secrets
    yes DELETE -/namespaces/other
    yes GET /metrics
    yes GET /logs/anything
    yes POST rbac!/clusterroles cluster-role-all
    yes POST rbac!/clusterrolebindings cluster-binding-root
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews as:system:admin group:system:masters
    yes GET -/nodes/n1/proxy/metrics`,

  // The group system:masters: everything, whatever RBAC says.
  'root of system:masters': `
    yes GET -/secrets
    yes GET /whatever
    yes POST rbac!/clusterroles cluster-role-all
    yes DELETE -/nodes/n1
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews as:anybody group:anything uid:1 extra:scope=all`,

  // ClusterRoleBinding of view.
  'cluster-viewer': `
    yes GET -/pods
    yes GET -/namespaces/other/pods
    yes GET -/namespaces
    yes GET -/configmaps
    no  GET -/secrets
    no  GET -/nodes
    no  GET rbac!/clusterroles
    no  DELETE -/namespaces/other/pods/p
    no  GET /metrics`,

  // Nothing but what everybody has who is known.
  nobody: `
    yes GET /version
    yes GET /api
    yes GET /apis
    yes GET /apis/apps/v1
    yes GET /openapi/v3
    yes GET /healthz
    yes GET /readyz
    yes GET /livez
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews
    yes POST authorization!/selfsubjectaccessreviews access
    yes POST authorization!/selfsubjectrulesreviews rules
    no  GET /
    no  GET /metrics
    no  GET /healthz/etcd
    no  GET /readyz/ping
    no  GET /logs/
    no  GET /openid/v1/jwks
    no  GET /.well-known/openid-configuration
    no  POST /version
    no  GET pods
    no  GET -/namespaces
    no  GET -/namespaces/team
    no  POST authorization!/subjectaccessreviews access
    no  POST apis/authentication.k8s.io/v1/tokenreviews
    no  GET apis/example.com/v1/things
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:nobody
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:viewer`,

  // No credentials at all.
  '': `
    yes GET /version
    yes GET /healthz
    yes GET /livez
    yes GET /readyz
    no  GET /api
    no  GET /apis
    no  GET /apis/apps/v1
    no  GET /openapi/v3
    no  GET /metrics
    no  GET /openid/v1/jwks
    no  GET pods
    no  GET -/namespaces
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews
    no  POST authorization!/selfsubjectaccessreviews access
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:boss
    no  GET apis/example.com/v1/things`,

  // A Role that names objects: get and update of the config maps one and two; delete of pods called p.
  named: `
    yes GET configmaps/one
    yes GET configmaps/two
    yes PUT configmaps/one
    yes GET configmaps?fieldSelector=metadata.name%3Done
    yes GET configmaps?fieldSelector=metadata.name%3Done&watch=true&timeoutSeconds=1
    no  GET configmaps?fieldSelector=metadata.name%3Dthree
    no  GET configmaps
    no  GET configmaps/three
    no  PUT configmaps/three
    no  DELETE configmaps/one
    no  POST configmaps
    yes DELETE pods/p
    no  DELETE pods/q
    no  DELETE pods`,

  // A Role with subresources: */scale, pods/log, and pods without them.
  parts: `
    yes GET pods/p
    yes GET pods/p/log
    yes GET apps:deployments/d/scale
    yes PATCH apps:statefulsets/s/scale
    yes PATCH replicationcontrollers/r/scale
    no  GET pods/p/status
    no  GET pods/p/exec
    no  GET apps:deployments/d
    no  GET apps:deployments/d/status
    no  PATCH apps:statefulsets/s`,

  // A ClusterRole for paths: /logs/*, /metrics, get only.
  paths: `
    yes GET /metrics
    yes GET /logs/a/b
    yes GET /logs/
    no  GET /logs
    no  GET /metrics/slis
    no  POST /metrics
    no  GET /livez/ping`,

  // Bound as a member of a group, and as the group of all service accounts of team.
  'member of builders': `
    yes GET batch:jobs
    no  POST batch:jobs
    no  GET -/namespaces/other/jobs`,
  'system:serviceaccount:team:worker of system:serviceaccounts system:serviceaccounts:team': `
    yes GET configmaps/anything
    yes GET pods
    yes GET /openid/v1/jwks
    yes GET /.well-known/openid-configuration
    no  GET secrets
    no  GET -/namespaces/other/pods`,
  'system:serviceaccount:team:idle of system:serviceaccounts system:serviceaccounts:team': `
    yes GET pods
    no  GET configmaps/anything`,
  'system:serviceaccount:other:worker of system:serviceaccounts system:serviceaccounts:other': `
    no  GET pods
    no  GET configmaps/anything
    no  GET -/namespaces/other/pods`,

  // May write roles and bindings, but holds little himself.
  granter: `
    yes POST rbac:roles role-pods
    yes PUT rbac:roles/held role-held
    no  POST rbac:roles role-secrets
    no  POST rbac:roles role-all
    no  POST rbac:rolebindings binding-view
    no  POST rbac:rolebindings binding-root
    yes POST rbac:rolebindings binding-held
    no  POST rbac:rolebindings binding-edit`,
  // The same with escalate on roles.
  escalator: `
    yes POST rbac:roles role-secrets
    yes POST rbac:roles role-all
    no  POST rbac:rolebindings binding-view`,
  // The same with bind on the ClusterRole view.
  binder: `
    yes POST rbac:rolebindings binding-view
    no  POST rbac:rolebindings binding-edit
    no  POST rbac:roles role-secrets`,

  // May be ann, a member of devs, with the scope read.
  actor: `
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews as:ann
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews as:ann group:devs
    yes POST apis/authentication.k8s.io/v1/selfsubjectreviews as:ann extra:scope=read
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:bob
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:ann group:system:masters
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:ann extra:scope=write
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:ann uid:7
    no  POST apis/authentication.k8s.io/v1/selfsubjectreviews as:system:serviceaccount:team:worker
    no  GET pods as:ann
    no  GET secrets as:ann`,

  // The ClusterRole auditor is what others add to it.
  aggregated: `
    yes GET -/events
    yes GET -/namespaces/team/events
    yes GET rbac!/clusterroles
    no  GET -/pods
    no  DELETE rbac!/clusterroles/view`,

  // A kubelet: the pod p, bound to n1, refers to secret s, config map c and claim v, which has the volume pv.
  'system:node:n1 of system:nodes': `
    yes GET secrets/s
    yes GET secrets?fieldSelector=metadata.name%3Ds
    yes GET configmaps/c
    yes GET persistentvolumeclaims/v
    yes GET -/persistentvolumes/pv
    yes GET pods/p
    yes GET -/pods?fieldSelector=spec.nodeName%3Dn1
    yes GET -/nodes/n1
    yes GET -/nodes?fieldSelector=metadata.name%3Dn1
    yes PATCH -/nodes/n1/status
    yes PATCH pods/p/status
    yes DELETE pods/p
    yes POST serviceaccounts/default/token token-of-p
    yes GET serviceaccounts/default
    yes GET -/services
    yes GET apis/storage.k8s.io/v1/csidrivers
    yes GET apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1
    yes POST apis/authentication.k8s.io/v1/tokenreviews
    yes POST events
    no  GET secrets
    no  GET secrets/t
    no  GET configmaps/d
    no  GET configmaps?fieldSelector=metadata.name%3Dd
    no  GET -/secrets
    no  PUT secrets/s
    no  DELETE configmaps/c
    no  GET -/persistentvolumes
    no  GET -/persistentvolumes/other
    no  GET pods/q
    no  GET -/pods
    no  GET -/pods?fieldSelector=spec.nodeName%3Dn2
    no  GET -/pods?fieldSelector=spec.nodeName!%3Dn2
    no  GET -/pods?fieldSelector=metadata.name!%3Da%5C,spec.nodeName%3Dn1
    no  GET -/nodes
    no  GET -/nodes/n2
    no  PATCH -/nodes/n2 label
    no  PATCH -/nodes/n1 restricted-label
    no  PATCH -/nodes/n1 taint
    no  DELETE -/nodes/n1
    no  DELETE pods/q
    no  PATCH pods/q/status
    no  POST pods pod
    no  POST serviceaccounts/default/token token-of-q
    no  POST serviceaccounts/default/token token-for-others
    no  GET coordination:leases/n1
    no  GET -/namespaces
    no  GET rbac!/clusterroles
    no  GET /metrics`,
  'system:node:n2 of system:nodes': `
    yes GET pods/q
    no  GET secrets/s
    no  GET configmaps/c
    no  GET pods/p`,
  // A kubelet's name without its group, and its group without a node's name.
  'system:node:n1': `
    no  GET secrets/s
    no  GET -/nodes/n1`,
  'n1 of system:nodes': `
    no  GET secrets/s
    no  GET -/nodes/n1`,
};
