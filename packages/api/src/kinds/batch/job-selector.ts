// The labels and the selector by which a job finds its pods, where its maker does not choose them.
import type { Job } from '../../gen/types.js';

/** Gives a new job the labels of its pods and the selector that goes with them. The job has to have its uid. */
export function generateJobSelector({ metadata, spec }: Job): void {
  if (!spec?.template || spec.manualSelector) return;
  const uid = metadata.uid ?? '';
  const name = metadata.name ?? '';
  const generated = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  spec.template.metadata = { ...spec.template.metadata, labels: { ...generated, ...spec.template.metadata?.labels } };
  // A name too long for a label is told once, of the template.
  if (Object.keys(metadata.labels ?? {}).length === 0 && name.length <= 63) metadata.labels = { ...spec.template.metadata.labels };
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, 'batch.kubernetes.io/controller-uid': uid } };
}
