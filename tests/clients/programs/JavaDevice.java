import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.provisioning.device.ProvisioningDeviceClient;
import com.microsoft.azure.sdk.iot.provisioning.device.ProvisioningDeviceClientTransportProtocol;
import com.microsoft.azure.sdk.iot.provisioning.security.SecurityProviderX509;
import com.microsoft.azure.sdk.iot.service.messaging.IotHubServiceClientProtocol;
import com.microsoft.azure.sdk.iot.service.messaging.MessagingClient;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodsClient;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A device and its service by Azure's SDKs for Java: registers with X.509, sends telemetry, learns a desired property, responds to a
 * direct method and receives a message. Over WebSocket, where the SDK takes no certificate at a hub, the device is one with a key.
 * Prints what happened, in order, on one line.
 *
 * Arguments: ID scope, registration ID, chain file, key file, protocol (MQTT, MQTT_WS, AMQPS, AMQPS_WS), connection string of the hub.
 */
public class JavaDevice {
  static String take(LinkedBlockingQueue<String> queue) throws Exception {
    String taken = queue.poll(30, TimeUnit.SECONDS);
    if (taken == null) throw new AssertionError("nothing arrived");
    return taken;
  }

  public static void main(String[] args) throws Exception {
    String idScope = args[0], registrationId = args[1], protocol = args[4], hub = args[5];
    List<X509Certificate> chain = new ArrayList<>();
    for (var each : CertificateFactory.getInstance("X.509").generateCertificates(new FileInputStream(args[2]))) {
      chain.add((X509Certificate) each);
    }
    String pem = Files.readString(Path.of(args[3])).replaceAll("-----[A-Z ]+-----", "");
    Key key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    SecurityProviderX509 security = new SecurityProviderX509() {
      public String getClientCertificateCommonName() { return registrationId; }
      public X509Certificate getClientCertificate() { return chain.get(0); }
      public Key getClientPrivateKey() { return key; }
      public Collection<X509Certificate> getIntermediateCertificatesChain() { return chain.subList(1, chain.size()); }
    };
    var provisioning = ProvisioningDeviceClient.create("global.azure-devices-provisioning.net", idScope,
        ProvisioningDeviceClientTransportProtocol.valueOf(protocol), security);
    var registered = provisioning.registerDeviceSync(60_000);
    provisioning.close();
    String host = registered.getIothubUri();
    String deviceId = registered.getDeviceId();
    List<String> seen = new ArrayList<>(List.of(deviceId + "@" + host));

    boolean isWebSocket = protocol.endsWith("_WS");
    DeviceClient client;
    if (isWebSocket) {
      deviceId = "java-" + protocol.toLowerCase();
      var registry = new RegistryClient(hub);
      registry.addDevice(new Device(deviceId));
      String secret = registry.getDevice(deviceId).getPrimaryKey();
      client = new DeviceClient("HostName=" + host + ";DeviceId=" + deviceId + ";SharedAccessKey=" + secret,
          IotHubClientProtocol.valueOf(protocol));
    } else {
      client = new DeviceClient(host, deviceId, security, IotHubClientProtocol.valueOf(protocol),
          ClientOptions.builder().build());
    }
    var arrived = new LinkedBlockingQueue<String>();
    client.setMessageCallback((message, context) -> {
      arrived.add(new String(message.getBytes()) + " " + message.getProperty("line"));
      return IotHubMessageResult.COMPLETE;
    }, null);
    client.open(true);
    Message telemetry = new Message("{\"temperature\": 21}");
    telemetry.setMessageId("from-" + protocol);
    telemetry.setContentType("application/json");
    telemetry.setContentEncoding("utf-8");
    telemetry.setProperty("line", "a b/c");
    client.sendEvent(telemetry, 60_000);

    client.subscribeToDesiredProperties((twin, context) ->
        arrived.add(String.valueOf(twin.getDesiredProperties().get("interval"))), null, 60_000);
    Twin twin = new Twin(deviceId);
    twin.getDesiredProperties().put("interval", protocol);
    new TwinClient(hub).patch(twin);
    seen.add("desired " + take(arrived));

    client.subscribeToMethods((name, payload, context) -> new DirectMethodResponse(202, name), null, 60_000);
    var response = new DirectMethodsClient(hub).invoke(deviceId, "reboot");
    seen.add("method " + response.getStatus() + " " + response.getPayloadAsJsonString());

    var service = new MessagingClient(hub,
        isWebSocket ? IotHubServiceClientProtocol.AMQPS_WS : IotHubServiceClientProtocol.AMQPS);
    service.open();
    var message = new com.microsoft.azure.sdk.iot.service.messaging.Message("restart");
    message.getProperties().put("line", "a b/c");
    service.send(deviceId, message);
    seen.add("message " + take(arrived));
    service.close();
    client.close();
    System.out.println(String.join("; ", seen));
    System.exit(0);
  }
}
