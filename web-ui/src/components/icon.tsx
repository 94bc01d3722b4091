/** Icons as inline drawings; a word always stands beside them, so they are hidden from assistive technology. */

const PATHS = {
  check: 'M3 8.5l3.2 3.2L13 5',
  cross: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  scales: 'M8 2.5v11M4.5 13.5h7M3 5h10M3 5L1.5 9.5h3zM13 5l-1.5 4.5h3z',
  arrow: 'M2.5 8h10M9 4.5L12.5 8 9 11.5',
  circle: 'M8 3a5 5 0 100 10A5 5 0 008 3z',
  clock: 'M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM8 5v3.2l2.2 1.3',
  pen: 'M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7L11.3 7',
  question: 'M5.8 6a2.2 2.2 0 114 1.3C9.2 8.2 8 8.3 8 9.6M8 12.2v.3',
  warning: 'M8 2.5L14.5 13.5h-13zM8 6.5v3.4M8 11.6v.3',
  play: 'M5 3.5l7 4.5-7 4.5z',
  copy: 'M5.5 5.5h7v7h-7zM3.5 10.5v-7h7',
  lock: 'M4 7.5h8v6H4zM5.5 7.5v-2a2.5 2.5 0 015 0v2',
  eye: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6z',
  gear: 'M8 5.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5zM8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4',
  inbox: 'M2.5 9.5v4h11v-4M8 2.5v7M5 6.8L8 9.8l3-3',
  signature:
    'M2 13.5h12M3 10.5c2.5-1 4.5-6.5 3-7.5s-2 6 .5 6.5c1.5.3 2-2 3-2s.5 1.8 1.8 1.8S13 8.5 13.5 8',
  send: 'M2.5 8L13.5 3 9.5 13.5 7.5 9z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
