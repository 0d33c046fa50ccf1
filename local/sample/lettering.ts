import type { GreyImage } from './barcode.ts';

/**
 * Large digits without a font file: some ffmpeg builds lack `drawtext`, some machines fonts.
 * A glyph is a few strokes with round ends. Their points pull like a quadratic B-spline's;
 * a point given twice makes a sharp corner. Cells are 4 wide and 7 high, y downwards.
 */
type Point = readonly [x: number, y: number];
interface Stroke {
  readonly points: readonly Point[];
  readonly closed?: boolean;
}
interface Glyph {
  readonly width: number;
  readonly strokes: readonly Stroke[];
}

const corner = (x: number, y: number): Point[] => [
  [x, y],
  [x, y],
];
const dot = (x: number, y: number): Stroke => ({ points: corner(x, y) });
const line = (from: Point, to: Point): Stroke => ({ points: [from, from, to, to] });
const turned = (strokes: readonly Stroke[]): Stroke[] =>
  strokes.map(({ points, closed }) => ({ closed, points: points.map(([x, y]) => [4 - x, 7 - y]) }));

const SIX: Stroke[] = [
  {
    points: [
      [3.4, 0],
      [3.4, 0],
      [1.9, 1.7],
      [0, 3.6],
      [0, 4.8],
    ],
  },
  {
    closed: true,
    points: [
      [0, 2.7],
      [4, 2.7],
      [4, 7],
      [0, 7],
    ],
  },
];

const digit = (strokes: readonly Stroke[]): Glyph => ({ width: 4, strokes });
const GLYPHS: Readonly<Record<string, Glyph>> = {
  '0': digit([
    {
      closed: true,
      points: [
        [0, 0],
        [4, 0],
        [4, 3.5],
        [4, 7],
        [0, 7],
        [0, 3.5],
      ],
    },
  ]),
  '1': digit([{ points: [[0.7, 1.5], [0.7, 1.5], ...corner(2.4, 0), ...corner(2.4, 7)] }]),
  '2': digit([
    {
      points: [
        [0.1, 1.9],
        [0.1, 1.9],
        [0.1, 0],
        [3.9, 0],
        [3.9, 2.8],
        ...corner(0.1, 7),
        ...corner(3.9, 7),
      ],
    },
  ]),
  '3': digit([
    {
      points: [
        ...corner(0.3, 0),
        ...corner(3.7, 0),
        ...corner(1.9, 2.7),
        [4, 2.7],
        [4, 7],
        [0, 7],
        [0, 5.5],
        [0, 5.5],
      ],
    },
  ]),
  '4': digit([{ points: [...corner(3, 7), ...corner(3, 0), ...corner(0, 5), ...corner(4, 5)] }]),
  '5': digit([
    {
      points: [
        ...corner(3.6, 0),
        ...corner(0.6, 0),
        ...corner(0.3, 3.2),
        [1, 2.5],
        [4, 2.3],
        [4, 7],
        [0, 7],
        [0, 5.6],
        [0, 5.6],
      ],
    },
  ]),
  '6': digit(SIX),
  '7': digit([{ points: [...corner(0, 0), ...corner(4, 0), ...corner(1.4, 7)] }]),
  '8': digit([
    {
      closed: true,
      points: [
        [0.3, 0],
        [3.7, 0],
        [3.7, 3.2],
        [0.3, 3.2],
      ],
    },
    {
      closed: true,
      points: [
        [0, 3.2],
        [4, 3.2],
        [4, 7],
        [0, 7],
      ],
    },
  ]),
  '9': digit(turned(SIX)),
  ':': { width: 0.6, strokes: [dot(0.3, 2), dot(0.3, 5.4)] },
  '.': { width: 0.6, strokes: [dot(0.3, 7)] },
  ' ': { width: 1, strokes: [] },
  '#': {
    width: 4,
    strokes: [
      line([1.5, 0.6], [0.8, 6.4]),
      line([3.2, 0.6], [2.5, 6.4]),
      line([0.3, 2.4], [3.8, 2.4]),
      line([0.1, 4.6], [3.6, 4.6]),
    ],
  },
};

const STROKE_WIDTH = 0.95;
const SPACING = 1.5;
const MARGIN = STROKE_WIDTH / 2;
const LINE_HEIGHT = 7 + STROKE_WIDTH;

/** Width of a line of text, in multiples of its height. */
export function textWidth(text: string): number {
  const widths = [...text].map((letter) => glyphOf(letter).width);
  const cells = widths.reduce((sum, width) => sum + width, SPACING * (text.length - 1));
  return (cells + STROKE_WIDTH) / LINE_HEIGHT;
}

/** Writes text of one size. Each letter is drawn once and copied from then on. */
export class Lettering {
  readonly #scale: number;
  readonly #drawn = new Map<string, GreyImage>();

  /** @param height of a digit, in pixels */
  constructor(
    readonly height: number,
    readonly ink: number,
  ) {
    this.#scale = height / LINE_HEIGHT;
  }

  /** Writes `text` with its upper left corner at (x, y); what lies outside the image is cut off. */
  write(image: GreyImage, text: string, x: number, y: number): void {
    let cell = 0;
    for (const letter of text) {
      this.#copy(image, this.#draw(letter), Math.round(x + cell * this.#scale), Math.round(y));
      cell += glyphOf(letter).width + SPACING;
    }
  }

  #copy(image: GreyImage, glyph: GreyImage, left: number, top: number): void {
    const from = Math.max(0, -left);
    const to = Math.min(glyph.width, image.width - left);
    for (let row = 0; row < glyph.height && top + row < image.height && from < to; row++) {
      const start = row * glyph.width;
      const pixels = glyph.pixels.subarray(start + from, start + to);
      const at = (top + row) * image.width + left + from;
      for (let k = 0; k < pixels.length; k++) {
        image.pixels[at + k] = Math.max(image.pixels[at + k]!, pixels[k]!);
      }
    }
  }

  #draw(letter: string): GreyImage {
    const known = this.#drawn.get(letter);
    if (known) return known;
    const { width: cells, strokes } = glyphOf(letter);
    const width = Math.ceil((cells + STROKE_WIDTH) * this.#scale);
    const height = Math.ceil(this.height);
    const pixels = new Uint8Array(width * height);
    const lines = strokes.map(smooth);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at: Point = [(x + 0.5) / this.#scale - MARGIN, (y + 0.5) / this.#scale - MARGIN];
        const inside = (MARGIN - Math.min(...lines.map((l) => distance(at, l)))) * this.#scale;
        pixels[y * width + x] = Math.round(this.ink * Math.max(0, Math.min(1, inside + 0.5)));
      }
    }
    const drawn = { width, height, pixels };
    this.#drawn.set(letter, drawn);
    return drawn;
  }
}

function glyphOf(letter: string): Glyph {
  const glyph = GLYPHS[letter];
  if (!glyph) throw new RangeError(`There is no glyph for '${letter}'.`);
  return glyph;
}

/** Chaikin's corner cutting: three rounds come close to the quadratic B-spline. */
function smooth({ points, closed }: Stroke): Point[] {
  let line = [...points];
  for (let round = 0; round < 3; round++) {
    const pairs = line.length - (closed ? 0 : 1);
    line = Array.from({ length: pairs }, (_, k) => {
      const [ax, ay] = line[k]!;
      const [bx, by] = line[(k + 1) % line.length]!;
      return [
        [0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by] as const,
        [0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by] as const,
      ];
    }).flat();
  }
  return closed ? [...line, line[0]!] : line;
}

function distance([x, y]: Point, line: readonly Point[]): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let k = 1; k < line.length; k++) {
    const [ax, ay] = line[k - 1]!;
    const [bx, by] = line[k]!;
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const share = length === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / length;
    const along = Math.max(0, Math.min(1, share));
    nearest = Math.min(nearest, Math.hypot(x - ax - along * dx, y - ay - along * dy));
  }
  return nearest;
}
