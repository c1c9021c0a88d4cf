// Validating admission policies: what their expressions get wrong about the kinds that they are for stands in their status.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
import {
  builtinResources,
  type CustomResourceDefinition,
  groupVersion,
  type JSONSchemaProps,
  type ObjectSchema,
  schemaOf,
  splitApiVersion,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicySpec,
} from '@steersman/api';
import { type CheckedKind, customKindType, kindType, policyTypeWarnings } from '@steersman/cel';
import type { Client, InformerFactory } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

/** A policy for more kinds is checked against the first of them. */
const mostKinds = 10;

interface KindVersion {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
}

type Rule = NonNullable<NonNullable<ValidatingAdmissionPolicySpec['matchConstraints']>['resourceRules']>[number];

export class AdmissionPolicyStatusController implements Controller<'ValidatingAdmissionPolicy'> {
  readonly name = 'validatingadmissionpolicy-status';
  readonly watches = 'ValidatingAdmissionPolicy';

  constructor(private readonly tools: { readonly client: Client; readonly informers: InformerFactory }) {}

  async reconcile(policy: ValidatingAdmissionPolicy): Promise<Result> {
    const { generation } = policy.metadata;
    if (!policy.spec || policy.status?.observedGeneration === generation) return done;
    const warnings = this.warningsOf(policy.spec);
    await this.tools.client.updateStatus<ValidatingAdmissionPolicy>(policy, {
      ...policy.status,
      ...(generation !== undefined && { observedGeneration: generation }),
      typeChecking: warnings.length ? { expressionWarnings: warnings } : {},
    });
    return done;
  }

  private warningsOf(spec: ValidatingAdmissionPolicySpec): ReturnType<typeof policyTypeWarnings> {
    const kinds = this.kindsOf(spec).flatMap((kind): CheckedKind[] => {
      const type = this.typeOf(kind);
      return type ? [{ title: `${kind.group}/${kind.version}, Kind=${kind.kind}`, type }] : [];
    });
    const { paramKind } = spec;
    const params = paramKind && this.typeOf({ ...splitApiVersion(paramKind.apiVersion ?? ''), kind: paramKind.kind ?? '' });
    return policyTypeWarnings(spec, kinds, params);
  }

  /** The kinds that the rules name; those with wildcards name none. */
  private kindsOf({ matchConstraints }: ValidatingAdmissionPolicySpec): KindVersion[] {
    const rules = (matchConstraints?.resourceRules ?? []).filter(isConcrete);
    const named = ({ group, version, resource }: KindVersion): boolean =>
      rules.some(
        ({ apiGroups = [], apiVersions = [], resources = [] }) =>
          apiGroups.includes(group) && apiVersions.includes(version) && resources.includes(resource),
      );
    const titles = new Map([...this.served()].filter(named).map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
    return [...titles]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, mostKinds)
      .map(([, kind]) => kind);
  }

  private *served(): Iterable<KindVersion> {
    yield* builtinResources;
    for (const { spec } of this.definitions())
      for (const { name } of spec.versions) yield { group: spec.group, version: name, kind: spec.names.kind, resource: spec.names.plural };
  }

  private definitions(): readonly CustomResourceDefinition[] {
    return this.tools.informers.of('CustomResourceDefinition').lister.list();
  }

  private typeOf({ group, version, kind }: Omit<KindVersion, 'resource'>): CheckedKind['type'] | undefined {
    const builtin = schemaOf(groupVersion({ group, version }), kind);
    if (builtin) return kindType(builtin as ObjectSchema);
    const custom = this.definitions().find(({ spec }) => spec.group === group && spec.names.kind === kind);
    const schema = custom?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema as JSONSchemaProps | undefined;
    return schema && customKindType(schema, `${group}.${version}.${kind}`, metadataSchema());
  }
}

const isConcrete = ({ apiGroups = [], apiVersions = [], resources = [] }: Rule): boolean =>
  [...apiGroups, ...apiVersions, ...resources].every((name) => !name.includes('*') && !name.includes('/'));

/** What the metadata of all objects is. */
const metadataSchema = (): ObjectSchema => (schemaOf('v1', 'ConfigMap') as ObjectSchema).fields.get('metadata')!.schema as ObjectSchema;
