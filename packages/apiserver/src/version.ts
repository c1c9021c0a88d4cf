// The version of the API that the server speaks.

export const apiVersion = { major: '1', minor: '35', gitVersion: 'v1.35.0' } as const;

/** The document of /version. What clients may go by is upstream's; `goVersion` tells that this server is not it. */
export const versionInfo = {
  major: apiVersion.major,
  minor: apiVersion.minor,
  emulationMajor: apiVersion.major,
  emulationMinor: apiVersion.minor,
  minCompatibilityMajor: apiVersion.major,
  minCompatibilityMinor: '34',
  gitVersion: apiVersion.gitVersion,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-12-17T00:00:00Z',
  goVersion: 'none',
  compiler: 'gc',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const;
