const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads a length of time such as `90m`, `24h` or `2d`, in milliseconds; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const length = Number(number) * units[unit as keyof typeof units];
  return Number.isFinite(length) && length > 0 ? length : undefined;
}
