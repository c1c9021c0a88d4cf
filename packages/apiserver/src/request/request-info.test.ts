import { expect, it } from 'vitest';
import { parseRequest } from './request-info.js';

it.each([
  ['/api/v1/namespaces/a/pods/b', { group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'b' }],
  ['/api/v1%2Fnamespaces/a', { group: '', version: 'v1', resource: 'namespaces', name: 'a' }],
  ['/api/v1/namespaces/%61/', { group: '', version: 'v1', resource: 'namespaces', name: 'a' }],
  ['//api/v1/namespaces/a', undefined],
  ['/api//v1/namespaces/a', undefined],
  ['/api/v1/namespaces//a', undefined],
])('finds what %s is about', (url, resource) => {
  expect(parseRequest('GET', url)?.resource).toEqual(resource);
});

it('leaves the paths of what is proxied alone', () => {
  expect(parseRequest('GET', '/api/v1/namespaces/a/services/b/proxy//c')).toMatchObject({ resource: { subresource: 'proxy' }, rest: 'c' });
});

it('drops what Go drops of a query', () => {
  expect([...parseRequest('GET', '/api/v1/pods?a=1&b=%zz&c=2;d=3&e=%41')!.query]).toEqual([
    ['a', '1'],
    ['e', 'A'],
  ]);
});

it.each([
  ['', true],
  ['=', true],
  ['=true', true],
  ['=True', true],
  ['=1', true],
  ['=false', false],
  ['=False', false],
  ['=0', false],
])('takes the flag watch%s for %s', (given, watches) => {
  expect(parseRequest('GET', `/api/v1/pods?watch${given}`)?.verb).toBe(watches ? 'watch' : 'list');
});

it('finds nothing in a path with a wrong escape', () => {
  expect(parseRequest('GET', '/api/v1/%zz')).toBeUndefined();
});
