import type { MatchVector } from './vector.ts';

/** Array consistency: all that fulfils a pattern lies in the same element of each array. */
export const ARRAY_VECTORS: readonly MatchVector[] = [
  {
    origin:
      'README "JSON Array Matching"; RulerTest.WHEN_JSONContainsArrays: one speaker, also in nested arrays',
    pattern: { speakers: { first: ['Anna'], last: ['Smith'] } },
    matching: [
      { speakers: { first: 'Anna', last: 'Smith' } },
      {
        speakers: [
          { first: 'John', last: 'Doe' },
          { first: 'Anna', last: 'Smith' },
        ],
      },
      { speakers: [[{ first: 'John' }], [{ last: 'Jones' }, { first: 'Anna', last: 'Smith' }]] },
    ],
    other: [
      {
        speakers: [
          { first: 'Anna', last: 'Doe' },
          { first: 'John', last: 'Smith' },
        ],
      },
      { speakers: [[{ first: 'Anna' }], [{ last: 'Smith' }]] },
      { speakers: [[{ first: 'Anna' }, { last: 'Smith' }]] },
    ],
  },
  {
    origin:
      'RulerTest.WHEN_JSONContainsArrays: absence within the chosen element; an empty array has no values',
    pattern: { speakers: { first: ['Anna'], ids: [{ exists: false }] } },
    matching: [
      { speakers: [{ first: 'John', ids: [1] }, { first: 'Anna' }] },
      { speakers: { first: 'Anna', ids: [] } },
    ],
    other: [{ speakers: [{ first: 'John' }, { first: 'Anna', ids: [1] }] }],
  },
  {
    origin:
      'NameState.getNameTransitions: an absence whose name sorts first is judged before any element is chosen',
    pattern: { speakers: { age: [{ exists: false }], first: ['Anna'] } },
    matching: [{ speakers: [{ first: 'John' }, { first: 'Anna' }] }],
    other: [{ speakers: [{ first: 'John', age: 5 }, { first: 'Anna' }] }],
  },
  {
    origin: 'ACMachineTest.songsACTest: every array by itself, along the whole path',
    pattern: {
      year: [1966],
      songs: { name: ['One'], writers: { first: ['Paul'], last: ['Smith'] } },
    },
    matching: [
      {
        year: 1966,
        songs: [
          {
            name: 'One',
            writers: [
              { first: 'Ann', last: 'Lee' },
              { first: 'Paul', last: 'Smith' },
            ],
          },
          { name: 'Two', writers: [{ first: 'Mick', last: 'Jones' }] },
        ],
      },
    ],
    other: [
      {
        year: 1966,
        songs: [{ name: 'One', writers: [{ first: 'Paul', last: 'Lee' }, { last: 'Smith' }] }],
      },
      {
        year: 1966,
        songs: [{ name: 'One' }, { name: 'Two', writers: [{ first: 'Paul', last: 'Smith' }] }],
      },
    ],
  },
  {
    origin: 'ACMachineTest.intensitiesACTest: leaves beside objects do not take up an element',
    pattern: { points: [7.25], 'points.label': ['first'] },
    matching: [{ points: [{ label: 'first' }, 7.25] }],
    other: [{ points: [[{ label: 'first' }], [7.25]] }],
  },
  {
    origin: 'correctness-cases.json "primarray: two prim arrays + scalar"',
    pattern: { tags: ['b'], kinds: ['x'], version: ['1'] },
    matching: [{ tags: ['a', 'b'], kinds: ['x', 'y'], version: '1' }],
    other: [{ tags: ['a'], kinds: ['x', 'y'], version: '1' }],
  },
  {
    origin: 'correctness-cases.json "N emails, only last element has name"',
    pattern: { people: { mail: [{ exists: true }], name: [{ exists: true }] } },
    matching: [{ people: [{ mail: 'a' }, { mail: 'b' }, { mail: 'c' }, { mail: 'd', name: 'D' }] }],
    other: [{ people: [{ mail: 'a' }, { name: 'B' }] }, { people: [] }, {}],
  },
  {
    origin: 'correctness-cases.json "numeric+exists array", "anything-but array"',
    pattern: {
      users: {
        name: [{ exists: true }],
        state: [{ 'anything-but': 'banned' }],
        age: [{ numeric: ['<', 100] }],
      },
    },
    matching: [
      {
        users: [
          { name: 'A', state: 'banned', age: 3 },
          { name: 'B', state: 'active', age: 4 },
        ],
      },
    ],
    other: [
      {
        users: [
          { name: 'A', state: 'banned', age: 3 },
          { name: 'B', state: 'active', age: 200 },
        ],
      },
      { users: [{ state: 'active', age: 3 }, { name: 'B' }] },
    ],
  },
  {
    origin: 'correctness-cases.json "mixed: obj-array split + prim-array"',
    pattern: { users: { name: [{ exists: true }], mail: [{ exists: true }] }, tags: ['admin'] },
    matching: [{ users: [{ name: 'A', mail: 'a' }], tags: ['admin', 'user'] }],
    other: [{ users: [{ name: 'A' }, { mail: 'b' }], tags: ['admin'] }],
  },
];
