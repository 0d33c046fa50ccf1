import { describe, expect, it } from 'vitest';
import { payloadFor } from './payload.ts';
import { type Target, targetSchema } from './target.ts';

const event = {
  version: '0',
  id: 'e-1',
  'detail-type': 'SegmentExtracted',
  source: 'nullcheck.clips.extractor',
  account: '000000000000',
  time: '2026-01-31T12:00:00Z',
  region: 'us-east-1',
  resources: ['arn:a', 'arn:b'],
  detail: { clipId: 'c-1', segments: [{ text: 'he said "hi"' }, { text: 'bye' }], count: 2 },
};
const { detail: _, ...envelope } = event;

function payload(target: object): unknown {
  return payloadFor(targetSchema.parse({ Id: 't', Arn: 'arn:aws:lambda:x', ...target }) as Target, {
    event,
    ruleArn: 'arn:aws:events:us-east-1:000000000000:rule/clips/r',
    ruleName: 'r',
    ingestionTime: '2026-01-31T12:00:01Z',
  });
}

const transformed = (InputTemplate: string, InputPathsMap = {}) =>
  payload({ InputTransformer: { InputPathsMap, InputTemplate } });

describe('what a target receives', () => {
  it('is the event', () => {
    expect(payload({})).toEqual(event);
  });

  it('is the Input', () => {
    expect(payload({ Input: '{"a": [1]}' })).toEqual({ a: [1] });
  });

  it.each([
    ['$', event],
    ['$.detail.clipId', 'c-1'],
    ['$.detail-type', 'SegmentExtracted'],
    ['$.resources[1]', 'arn:b'],
    ['$.detail.segments[0].text', 'he said "hi"'],
    ['$.detail.segments[*].text', ['he said "hi"', 'bye']],
    ['$.detail.absent.more', null],
    ['$.detail.constructor', null],
  ])('is what lies at the InputPath %s', (InputPath, expected) => {
    expect(payload({ InputPath })).toEqual(expected);
  });

  it('is a text with values filled in', () => {
    const paths = { clip: '$.detail.clipId', said: '$.detail.segments[0].text' };
    expect(
      transformed('"<clip>: \\"<said>\\" of <absent>"', { ...paths, absent: '$.detail.x' }),
    ).toBe('c-1: "he said "hi"" of ');
  });

  it('is JSON with values, within quotes and without', () => {
    const paths = { count: '$.detail.count', said: '$.detail.segments[0].text', all: '$.detail' };
    expect(
      transformed('{"n": <count>, "s": <said>, "in": "n=<count>, <all>", "all": <all>}', paths),
    ).toEqual({
      n: 2,
      s: 'he said "hi"',
      in: `n=2, ${JSON.stringify(event.detail)}`,
      all: event.detail,
    });
  });

  it('has the predefined variables', () => {
    const template = `{"arn": "<aws.events.rule-arn>", "name": <aws.events.rule-name>,
      "at": <aws.events.event.ingestion-time>, "envelope": <aws.events.event>, "event": <aws.events.event.json>}`;
    expect(transformed(template)).toEqual({
      arn: 'arn:aws:events:us-east-1:000000000000:rule/clips/r',
      name: 'r',
      at: '2026-01-31T12:00:01Z',
      envelope,
      event,
    });
  });

  it('cannot be made of a template that is not JSON', () => {
    expect(() => transformed('clip <aws.events.rule-name>')).toThrow(SyntaxError);
  });
});

describe('targets that are refused', () => {
  it.each([
    ['bracket notation', { InputPath: "$['detail']" }, /dot notation/],
    ['Input that is not JSON', { Input: '{' }, /not JSON/],
    ['an undefined variable', { InputTransformer: { InputTemplate: '"<clip>"' } }, /<clip>/],
    [
      'a reserved variable',
      { InputTransformer: { InputPathsMap: { 'aws.x': '$.id' }, InputTemplate: '"a"' } },
      /no name/,
    ],
    ['two ways at once', { Input: '1', InputPath: '$.id' }, /Only one of/],
    ['parameters of absent services', { EcsParameters: {} }, /EcsParameters/],
    ['more than 185 retries', { RetryPolicy: { MaximumRetryAttempts: 186 } }, /185/],
  ])('%s', (_name, target, message) => {
    expect(() => payload(target)).toThrow(message);
  });
});
