// Certificates as a cluster uses them: issued, parsed, requested, signed.

import { X509Certificate } from 'node:crypto';
import { seededRandom, systemClock } from '@steersman/api';
import { expect, it } from 'vitest';
import { createAuthority, createSigningRequest, issueCertificate, parseSigningRequest, signRequest } from './certificates.js';

const tools = { clock: systemClock, random: seededRandom(1) };

it('issues certificates that verify against their authority and carry user, groups and hosts', async () => {
  const authority = await createAuthority('kubernetes', tools);
  const pair = await issueCertificate(
    authority,
    { subject: { commonName: 'admin', organizations: ['system:masters'] }, hosts: ['localhost', '10.96.0.1'], usages: ['client', 'server'] },
    tools,
  );
  const cert = new X509Certificate(pair.cert);
  expect(cert.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
  expect(cert.subject).toBe('O=system:masters\nCN=admin');
  expect(cert.subjectAltName).toBe('DNS:localhost, IP Address:10.96.0.1');
});

it('signs what a request asks for', async () => {
  const authority = await createAuthority('kubernetes', tools);
  const { request } = await createSigningRequest({ commonName: 'system:node:n1', organizations: ['system:nodes'] });
  expect(parseSigningRequest(request).subject).toEqual({ commonName: 'system:node:n1', organizations: ['system:nodes'] });
  const cert = new X509Certificate(await signRequest(authority, request, { usages: ['client'], seconds: 3600 }, tools));
  expect(cert.subject).toBe('O=system:nodes\nCN=system:node:n1');
});
