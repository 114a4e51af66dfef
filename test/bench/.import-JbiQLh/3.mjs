import 'axios'
import '../../../dist/index.js'
import '../../../dist/axios.js'