import { describe, expect, it } from 'vitest';
import { difference, exclude, fieldSetOf, has, intersection, matching, parseFieldSet, settle, union, visitFields } from './field-set.js';

const data = fieldSetOf(['f:data'], ['f:data', 'f:a'], ['f:data', 'f:b']);

describe('field sets', () => {
  it('tell an element with fields below it from one that only holds them', () => {
    expect(fieldSetOf(['f:data', 'f:a'])).toEqual({ 'f:data': { 'f:a': {} } });
    expect(data).toEqual({ 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } });
    expect(has(data, ['f:data'])).toBe(true);
    expect(has(fieldSetOf(['f:data', 'f:a']), ['f:data'])).toBe(false);
  });

  it('are united, and stay the same object where nothing is added', () => {
    expect(union(fieldSetOf(['f:data', 'f:a']), fieldSetOf(['f:data']))).toEqual({ 'f:data': { '.': {}, 'f:a': {} } });
    expect(union(data, fieldSetOf(['f:data', 'f:a']))).toBe(data);
  });

  it('have in common only what both name', () => {
    expect(intersection(data, fieldSetOf(['f:data', 'f:a'], ['f:spec']))).toEqual({ 'f:data': { 'f:a': {} } });
    expect(intersection(fieldSetOf(['f:data', 'f:a']), fieldSetOf(['f:data']))).toEqual({});
  });

  it('lose a field but not those below it', () => {
    expect(difference(data, fieldSetOf(['f:data']))).toEqual({ 'f:data': { 'f:a': {}, 'f:b': {} } });
    expect(difference(fieldSetOf(['f:a']), fieldSetOf(['f:a', 'f:b']))).toEqual({ 'f:a': {} });
    expect(difference(data, data)).toEqual({});
    expect(difference(data, fieldSetOf(['f:spec']))).toBe(data);
  });

  it('lose a field with all below it', () => {
    expect(exclude(fieldSetOf(['f:status', 'f:phase'], ['f:spec', 'f:a']), fieldSetOf(['f:status']))).toEqual({ 'f:spec': { 'f:a': {} } });
  });

  it('keep what a pattern lets through', () => {
    const set = fieldSetOf(['f:spec', 'k:{"name":"a"}', 'f:resources', 'f:limits'], ['f:spec', 'k:{"name":"a"}', 'f:image'], ['f:status']);
    expect(matching(set, { 'f:spec': { '*': { 'f:resources': {} } } })).toEqual({
      'f:spec': { 'k:{"name":"a"}': { 'f:resources': { 'f:limits': {} } } },
    });
  });

  it('are visited level by level', () => {
    const seen: string[] = [];
    visitFields(fieldSetOf(['f:a', 'f:x'], ['f:b']), (path) => seen.push(path.join('/')));
    expect(seen).toEqual(['f:b', 'f:a/f:x']);
  });

  it('are written in order: fields, then keys by value, then values', () => {
    const ports = fieldSetOf(['f:p', 'v:"x"'], ['f:p', 'k:{"port":443}'], ['f:p', 'k:{"port":80}'], ['f:p', 'f:z'], ['f:p'], ['f:a']);
    expect(JSON.stringify(settle(ports))).toBe('{"f:a":{},"f:p":{".":{},"f:z":{},"k:{\\"port\\":80}":{},"k:{\\"port\\":443}":{},"v:\\"x\\"":{}}}');
    expect(settle(ports)).toBe(settle({ ...ports }));
  });

  it('from requests are put right or refused', () => {
    expect(parseFieldSet({ 'k:{"b":1,"a":2}': {}, 'z:new': {} })).toEqual({ 'k:{"a":2,"b":1}': {} });
    expect(parseFieldSet({ data: {} })).toBeUndefined();
    expect(parseFieldSet({ 'k:[1]': {} })).toBeUndefined();
    expect(parseFieldSet('f:data')).toBeUndefined();
  });
});
