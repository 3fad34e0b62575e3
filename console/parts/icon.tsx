/** The drawings of 16 by 16, as paths of one stroke. */
const drawings = {
  home: "M2.5 7 8 2.5 13.5 7v6.5h-4V10h-3v3.5h-4z",
  building: "M3 13.5v-11h6v11M9 6.5h4v7M1.5 13.5h13M5.2 5.2h1.6M5.2 8h1.6M5.2 10.8h1.6",
  warning: "M8 2 1.8 13.2h12.4zM8 6.4v3.2M8 11.4v.1",
  clock: "M13.8 8A5.8 5.8 0 1 1 2.2 8a5.8 5.8 0 0 1 11.6 0zM8 4.8V8l2.3 1.6",
  sliders:
    "M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6M11.5 4.5a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0zM7.9 11.5a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0z",
  code: "M5.5 3.5 2 8l3.5 4.5M10.5 3.5 14 8l-3.5 4.5",
  page: "M4 2.5h8v11H4zM6 6h4M6 8.5h4M6 11h2",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  arrow: "M3 8h10M9.5 4.5 13 8l-3.5 3.5",
  search: "M11.2 7A4.2 4.2 0 1 1 2.8 7a4.2 4.2 0 0 1 8.4 0zM10.2 10.2l3.3 3.3",
  pause: "M14.2 8A6.2 6.2 0 1 1 1.8 8a6.2 6.2 0 0 1 12.4 0zM6.4 5.8v4.4M9.6 5.8v4.4",
  check: "M14.2 8A6.2 6.2 0 1 1 1.8 8a6.2 6.2 0 0 1 12.4 0zM5.2 8.2l2 2 3.8-4.2",
  cross: "M14.2 8A6.2 6.2 0 1 1 1.8 8a6.2 6.2 0 0 1 12.4 0zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  minus: "M14.2 8A6.2 6.2 0 1 1 1.8 8a6.2 6.2 0 0 1 12.4 0zM5 8h6",
  info: "M14.2 8A6.2 6.2 0 1 1 1.8 8a6.2 6.2 0 0 1 12.4 0zM8 7.4v3.4M8 5.2v.1",
  sync: "M13 6.2A5.4 5.4 0 0 0 3.2 5.5M3 9.8a5.4 5.4 0 0 0 9.8.7M3 2.8v2.9h2.9M13 13.2v-2.9h-2.9",
  undo: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.8 3.5 3 6.5l2.8 3",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  close: "M4 4l8 8M12 4l-8 8",
  lock: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  out: "M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13.5 2.5 7.5 8.5",
  plus: "M8 3v10M3 8h10",
  down: "M4 6.5 8 10.5l4-4",
} as const;

export type IconName = keyof typeof drawings;

/** A drawing beside a word, which says the same: readers skip it. */
export function Icon({ name, class: more = "" }: { name: IconName; class?: string }) {
  return (
    <svg class={`i ${more}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={drawings[name]} />
    </svg>
  );
}
