/** The watch page's script for a video at Vimeo. */

import { vimeo } from "./players/vimeo.ts";
import { watchPage } from "./watch-page.ts";

watchPage(vimeo);
