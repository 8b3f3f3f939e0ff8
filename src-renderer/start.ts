import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connect } from './client.ts'
import { openPort } from './host.ts'
import { router } from './router.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'

createApp(App).use(createPinia()).use(router).mount('#app')
void connect(openPort)
