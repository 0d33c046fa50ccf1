import type { MatchVector } from './vector.ts';

/** Negation, numbers, addresses, existence, alternatives. */
export const CONDITION_VECTORS: readonly MatchVector[] = [
  {
    origin: 'RulerTest.WHEN_WeTryAnythingButRules: values of another type are something else, too',
    pattern: { a: [{ 'anything-but': ['one', 'two'] }], b: [{ 'anything-but': [111, 222] }] },
    matching: [
      { a: 'three', b: 333 },
      { a: 'oneone', b: '111' },
      { a: 1, b: null },
      { a: ['one', 'three'], b: [111, 333] },
    ],
    other: [
      { a: 'one', b: 333 },
      { a: 'three', b: 222.0 },
      { a: ['one', 'two'], b: 333 },
      { a: 'three' },
      { a: [], b: 333 },
    ],
  },
  {
    origin: 'ACMachineTest anything-but prefix and suffix; AnythingButSharedDeleteTest lists',
    pattern: {
      a: [{ 'anything-but': { prefix: 'init' } }],
      b: [{ 'anything-but': { suffix: ['.png', '.jpg'] } }],
      c: [{ 'anything-but': { prefix: ['us-', 'eu-'] } }],
    },
    matching: [
      { a: 'running', b: 'clip.mp4', c: 'ap-1' },
      { a: 'in', b: 'png', c: 5 },
    ],
    other: [
      { a: 'initial', b: 'clip.mp4', c: 'ap-1' },
      { a: 'running', b: 'clip.jpg', c: 'ap-1' },
      { a: 'running', b: 'clip.mp4', c: 'eu-1' },
    ],
  },
  {
    origin: 'MachineTest anything-but equals-ignore-case and wildcard',
    pattern: {
      a: [{ 'anything-but': { 'equals-ignore-case': ['Pending', 'DONE'] } }],
      b: [{ 'anything-but': { wildcard: ['*/lib/*', 'tmp*'] } }],
    },
    matching: [
      { a: 'pend', b: 'src/x' },
      { a: '', b: 'x/tmp' },
    ],
    other: [
      { a: 'pending', b: 'src/x' },
      { a: 'done', b: 'src/x' },
      { a: 'x', b: 'a/lib/b' },
      { a: 'x', b: 'tmp' },
    ],
  },
  {
    origin: 'RulerTest.WHEN_WeWriteRulesToMatchVariousFieldCombos: numeric',
    pattern: {
      a: [{ numeric: ['>', 0, '<=', 5] }],
      b: [{ numeric: ['=', 3.018e2] }, { numeric: ['<', -10] }],
      c: [{ numeric: ['>=', 99.999] }],
    },
    matching: [
      { a: 5, b: 301.8, c: 99.999 },
      { a: 0.001, b: -10.000001, c: 5e9 },
      { a: [0, 3], b: 301.8, c: 100 },
    ],
    other: [
      { a: 0, b: 301.8, c: 100 },
      { a: 5.000001, b: 301.8, c: 100 },
      { a: 5, b: -10, c: 100 },
      { a: '5', b: 301.8, c: 100 },
      { a: 5, b: 301.8, c: 5.1e9 },
    ],
  },
  {
    origin: 'ACMachineTest.CIDRTest; CIDRTest: the block that holds the address, IPv4 and IPv6',
    pattern: { a: [{ cidr: '10.0.0.77/24' }, { cidr: '2001:db8::/32' }] },
    matching: [{ a: '10.0.0.0' }, { a: '10.0.0.255' }, { a: '2001:DB8:1:2::3' }],
    other: [
      { a: '10.0.1.0' },
      { a: '9.255.255.255' },
      { a: '2001:db9::' },
      { a: '10.0.0' },
      { a: 10 },
    ],
  },
  {
    origin: 'JsonRuleCompilerTest.testVariantForms: an address equals its other spellings',
    pattern: { a: ['192.0.2.0', '::1'] },
    matching: [{ a: '192.0.2.0' }, { a: '0:0:0:0:0:0:0:1' }],
    other: [{ a: '192.0.2.1' }, { a: '::2' }],
  },
  {
    origin: 'RulerTest.WHEN_WeTryToMatchExistsRules; README "Exists matching": leaves only',
    pattern: { a: [{ exists: true }], b: [{ exists: false }] },
    matching: [
      { a: 1 },
      { a: null },
      { a: '', b: {} },
      { a: [false], b: [] },
      { a: 1, b: { c: 1 } },
    ],
    other: [{ a: 1, b: null }, { a: {}, c: 1 }, { a: [] }, { b: 1 }, {}],
  },
  {
    origin: 'MachineTest exists:false beside values',
    pattern: { a: ['on', { exists: false }] },
    matching: [{ a: 'on' }, {}, { b: 1 }],
    other: [{ a: 'off' }, { a: null }],
  },
  {
    origin: 'README "$or", an and inside an or inside an and',
    pattern: {
      source: ['clips'],
      $or: [
        { name: ['a'] },
        { type: ['t'], space: ['s'], $or: [{ n: [1] }, { m: [{ prefix: 'x' }] }] },
      ],
    },
    matching: [
      { source: 'clips', name: 'a' },
      { source: 'clips', type: 't', space: 's', n: 1 },
      { source: 'clips', type: 't', space: 's', m: 'xy' },
    ],
    other: [
      { source: 'other', name: 'a' },
      { source: 'clips', type: 't', space: 's' },
      { source: 'clips', type: 't', n: 1 },
      { source: 'clips' },
    ],
  },
  {
    origin: 'README "$or", parallel on two levels',
    pattern: {
      $or: [{ a: [1] }, { b: [1] }],
      detail: { $or: [{ c: [1] }, { d: [1] }] },
    },
    matching: [
      { a: 1, detail: { c: 1 } },
      { b: 1, detail: { d: 1 } },
    ],
    other: [{ a: 1, b: 1 }, { detail: { c: 1, d: 1 } }],
  },
];
