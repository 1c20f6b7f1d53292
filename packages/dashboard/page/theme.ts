import { byId } from './dom.ts';

const KEY = 'heddle-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** The switch between light, dark, and what the system has. `changed` is called when the page looks otherwise. */
export function setUpTheme(changed: () => void): void {
  const root = document.documentElement;
  const button = byId('theme');
  const show = (theme: Theme): void => {
    root.dataset['theme'] = theme;
    button.textContent = { auto: '◐ Auto', light: '☀ Light', dark: '☾ Dark' }[theme];
    button.setAttribute('aria-label', `Colours: ${theme}. Change`);
    changed();
  };
  let theme = stored();
  show(theme);
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    store(theme);
    show(theme);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

/** A browser may keep nothing for us. */
function stored(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this visit.
  }
}
