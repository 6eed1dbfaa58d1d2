// One live region: says what it shows and at which mark it was drawn. The tab's one client (live_frame.js) does the rest;
// this stays small because Streamlit sends it along with every redraw of the region.
export default function (component) {
  const { data, key, parentElement, setTriggerValue } = component
  const live = (window.__intellicvLive ??= { regions: new Map(), client: null })
  const region = live.regions.get(key) ?? { key, busy: false, tries: 0, timer: 0 }
  region.data = data
  region.root = (parentElement.host ?? parentElement).closest('[data-testid="stVerticalBlock"]')
  region.trigger = (value) => setTriggerValue("changed", value)
  live.regions.set(key, region)
  live.client?.drawn(region)
  return () => {
    clearTimeout(region.timer)
    if (live.regions.get(key) === region) live.regions.delete(key)
    live.client?.regionsChanged()
  }
}
