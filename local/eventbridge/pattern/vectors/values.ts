import type { MatchVector } from './vector.ts';

/** Equality, and the tests of texts. */
export const VALUE_VECTORS: readonly MatchVector[] = [
  {
    origin:
      'RulerTest.WHEN_RulesFromReadmeAreTried: any of the values, any element of the event array',
    pattern: { resources: ['arn:b', 'arn:c'], detail: { state: ['starting', 'running'] } },
    matching: [
      { resources: ['arn:a', 'arn:b'], detail: { state: 'running' } },
      { resources: 'arn:c', detail: { state: ['stopped', 'starting'], more: 1 } },
    ],
    other: [
      { resources: ['arn:a'], detail: { state: 'running' } },
      { resources: ['arn:b'], detail: { state: 'stopped' } },
      { resources: ['arn:b'], detail: { state: { running: 'running' } } },
      { resources: ['arn:b'], 'detail.state': 'stopped' },
      {},
    ],
  },
  {
    origin: 'README "Caveat: compiled rules and JSON keys with dots": a dot in a name is a step',
    pattern: { detail: { 'clip.state': ['ready'] } },
    matching: [{ detail: { 'clip.state': 'ready' } }, { detail: { clip: { state: 'ready' } } }],
    other: [{ detail: { clip: 'ready' } }],
  },
  {
    origin: 'RulerTest.WHEN_WeTryReallySimpleRules: types are told apart',
    pattern: { a: [1, true, null] },
    matching: [{ a: 1 }, { a: 1.0 }, { a: true }, { a: null }, { a: ['x', null] }],
    other: [{ a: '1' }, { a: 'true' }, { a: false }, { a: 'null' }, { a: '' }, { a: 0 }, {}],
  },
  {
    origin: 'User guide, null values and empty strings',
    pattern: { detail: { text: [''] } },
    matching: [{ detail: { text: '' } }],
    other: [{ detail: { text: null } }, { detail: { text: ' ' } }, { detail: {} }],
  },
  {
    origin:
      'RuleCompilerTest.testBigNumbers: an account number is beyond numeric, but equal to itself',
    pattern: { account: [123456789012] },
    matching: [{ account: 123456789012 }],
    other: [{ account: 123456789013 }, { account: '123456789012' }],
  },
  {
    origin: 'ACMachineTest.testPrefixMatching; MachineTest prefixEqualsIgnoreCase',
    pattern: { a: [{ prefix: 'clip' }, { prefix: { 'equals-ignore-case': 'eventB' } }] },
    matching: [{ a: 'clip' }, { a: 'clips/1' }, { a: 'EVENTbridge' }, { a: ['x', 'clipper'] }],
    other: [{ a: 'Clip' }, { a: 'a clip' }, { a: 'event' }, { a: null }, { a: 7 }],
  },
  {
    origin: 'ACMachineTest.testSuffixMatching; MachineTest suffixEqualsIgnoreCase',
    pattern: { a: [{ suffix: '.mp4' }, { suffix: { 'equals-ignore-case': 'tBridge' } }] },
    matching: [{ a: '.mp4' }, { a: 'clip.mp4' }, { a: 'EventBRIDGE' }],
    other: [{ a: 'clip.MP4' }, { a: 'mp4' }, { a: 'bridge' }, { a: 4 }],
  },
  {
    origin: 'RulerTest.WHEN_WeTryEqualsIgnoreCaseRules',
    pattern: { a: [{ 'equals-ignore-case': 'aBc' }], b: [{ 'equals-ignore-case': '' }] },
    matching: [
      { a: 'ABC', b: '' },
      { a: 'abc', b: '' },
    ],
    other: [{ a: 'ABCD', b: '' }, { a: 'abc', b: ' ' }, { a: 'abc' }],
  },
  {
    origin: 'RulerTest.WHEN_WeTryWildcardRules; ByteMachineTest wildcard cases',
    pattern: { a: [{ wildcard: '*bc' }], b: [{ wildcard: 'd*f' }], c: [{ wildcard: 'x*y*z*' }] },
    matching: [
      { a: 'abcbc', b: 'deeef', c: 'xyz' },
      { a: 'bc', b: 'df', c: 'x--y--z--' },
      { a: 'bcbcbc', b: 'dfdf', c: 'xyyzz' },
    ],
    other: [
      { a: 'abcb', b: 'df', c: 'xyz' },
      { a: 'bc', b: 'd', c: 'xyz' },
      { a: 'bc', b: 'df', c: 'xzy' },
      { a: 'bc', b: 'df', c: 1 },
    ],
  },
  {
    origin: 'ByteMachineTest, wildcards that overlap: one character serves one piece only',
    pattern: { a: [{ wildcard: 'ab*ba' }] },
    matching: [{ a: 'abba' }, { a: 'abXba' }, { a: 'abab ba' }],
    other: [{ a: 'aba' }, { a: 'ab' }],
  },
  {
    origin: 'README "Wildcard matching": escapes',
    pattern: { a: [{ wildcard: 'a\\*b\\\\*' }] },
    matching: [{ a: 'a*b\\' }, { a: 'a*b\\more' }],
    other: [{ a: 'aXb\\' }, { a: 'a*b' }],
  },
  {
    origin: 'MachineTest wildcard with nothing but a wildcard, and with none',
    pattern: { a: [{ wildcard: '*' }], b: [{ wildcard: 'plain' }] },
    matching: [
      { a: '', b: 'plain' },
      { a: 'x\ny', b: 'plain' },
    ],
    other: [
      { a: null, b: 'plain' },
      { a: '', b: 'plainer' },
    ],
  },
];
