// Claims for devices.
import type { DeviceClaim, ResourceClaim, ResourceClaimTemplate } from '../../gen/types.js';

export const resourceClaimDefaults = ({ spec }: ResourceClaim): void => deviceClaimDefaults(spec?.devices);
export const resourceClaimTemplateDefaults = ({ spec }: ResourceClaimTemplate): void => deviceClaimDefaults(spec?.spec?.devices);

function deviceClaimDefaults(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of claim?.requests ?? []) {
    for (const request of [...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]) {
      request.allocationMode ??= 'ExactCount';
      if (request.allocationMode === 'ExactCount') request.count ??= 1;
      for (const toleration of request.tolerations ?? []) toleration.operator ??= 'Equal';
    }
  }
}
