"""MQTT buttons (Zigbee through zigbee2mqtt, ESP32 with ESPHome or Tasmota, Shelly): topics and payloads are data."""

import logging

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from display_server.button_agent.button_worker import ButtonWorker, FeedbackListener
from display_server.button_agent.client import Feedback
from display_server.button_agent.config import Broker, MqttButton

log = logging.getLogger(__name__)

ANY = "*"
ONCE = 1  # QoS: at least once; the server's debounce and request ids make it once
SHORTEST, LONGEST = 1, 15  # seconds between tries to reach the broker


class MqttSource:
    """All buttons of one broker. The broker may come later, and go and come back."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._buttons: dict[str, tuple[MqttButton, ButtonWorker]] = {}
        self._client = Client(CallbackAPIVersion.VERSION2)
        if broker.user:
            self._client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            self._client.tls_set()
        self._client.reconnect_delay_set(SHORTEST, LONGEST)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = lambda *_: log.warning("mqtt %s: connection lost", broker.host)
        self._client.on_message = self._on_message

    def add(self, button: MqttButton, presser: ButtonWorker) -> None:
        """Before `start`."""
        self._buttons[button.topic] = button, presser

    def lamp(self, button: MqttButton) -> FeedbackListener:
        """What publishes the counter's state for this button, kept by the broker for a button that wakes up later."""

        def tell(feedback: Feedback | None) -> None:
            if button.feedback:
                said = feedback.model_dump_json() if feedback is not None else '{"state": "unknown"}'
                self._client.publish(button.feedback, said, qos=ONCE, retain=True)

        return tell

    def start(self) -> None:
        self._client.connect_async(self._broker.host, self._broker.port)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, client: Client, _: object, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("mqtt %s: refused: %s", self._broker.host, reason)
            return
        log.info("mqtt %s: connected", self._broker.host)
        for topic, (_button, presser) in self._buttons.items():
            client.subscribe(topic, ONCE)
            presser.again()

    def _on_message(self, _: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.retain:  # what the broker kept is not a finger
            return
        button, presser = self._buttons[message.topic]
        payload = message.payload.decode(errors="replace").strip()
        key = button.keys.get(payload) or button.keys.get(ANY)
        if key is None:
            log.warning("mqtt %s: a payload that means nothing: %.40r", message.topic, payload)
        else:
            presser.press(key)
